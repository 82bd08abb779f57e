//! The model file as a user meets it: shipped models load, broken ones are told every fault.

use capplan::spec;

#[test]
fn the_reference_model_loads() {
    if let Err(diagnostics) = spec::parse("models/web.toml", spec::REFERENCE_MODEL, &[]) {
        panic!("{}", diagnostics.render(spec::Colour::Plain));
    }
}
