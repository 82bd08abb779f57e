//! Faults with the lines of the file that they are about, for a terminal.

use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Place};

/// Whether rendered text carries colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Plain,
    /// ANSI colours, for a terminal.
    Ansi,
}

impl Diagnostics {
    /// Shows each fault at its line of the file.
    pub fn render(&self, colour: Colour) -> String {
        let renderer = match colour {
            Colour::Plain => Renderer::plain(),
            Colour::Ansi => Renderer::styled(),
        }
        .decor_style(DecorStyle::Ascii);
        let mut out = String::new();
        for diagnostic in self {
            out.push_str(&renderer.render(&self.groups(diagnostic)));
            out.push_str("\n\n");
        }
        out.pop();
        out
    }

    fn groups<'a>(&'a self, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
        let mut title = String::new();
        if let Place::Override { given_by, written } = &diagnostic.place {
            let _ = write!(title, "{} {written}: ", given_by.option());
        } else if !diagnostic.path.is_empty() {
            let _ = write!(title, "`{}`: ", diagnostic.path);
        }
        title.push_str(&diagnostic.message);
        let title = Level::ERROR.primary_title(title).id(diagnostic.code.to_string());
        let mut group = match &diagnostic.place {
            Place::File { span, .. } => title.element(
                Snippet::source(&*self.text)
                    .path(&*self.source_name)
                    .annotation(AnnotationKind::Primary.span(span.clone())),
            ),
            Place::Override { .. } => Group::with_title(title),
        };
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        vec![group]
    }
}
