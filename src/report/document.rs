//! An answer for people in reading order. Whoever prints it, on a terminal or on a page, knows no figure.

use super::Grid;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A line that introduces what follows.
    Heading(String),
    /// How to read what follows.
    Note(String),
    /// A line of text.
    Line(String),
    /// Lines of equal rank.
    List(Vec<String>),
    /// A list that can wait, under a title.
    Details(String, Vec<String>),
    /// A table.
    Table(Grid),
}

/// An answer in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Document {
    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Note(text.into()));
    }

    pub(super) fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blocks.extend(lines.into_iter().map(Block::Line));
    }

    /// Adds a list unless it is empty.
    pub(super) fn list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    pub(super) fn details(&mut self, title: &str, items: Vec<String>) {
        self.blocks.push(Block::Details(title.to_owned(), items));
    }

    /// Adds tables, but for those without a row.
    pub(super) fn tables(&mut self, grids: impl IntoIterator<Item = Grid>) {
        let grids = grids.into_iter().filter(|grid| !grid.rows.is_empty());
        self.blocks.extend(grids.map(Block::Table));
    }
}
