//! Charts as SVG text: the same input gives the same bytes, with or without fonts on the machine.
