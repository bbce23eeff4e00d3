//! Markup that only escaped text can enter: what the program says itself is known when it is built, all else is escaped where
//! it is put in.

use std::borrow::Cow;

use crate::text::safe::{html, html_json};

/// A piece of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Html(String);

impl Html {
    /// The digest of a text of ours, as a Content-Security-Policy names it. It is no secret, although it looks like one,
    /// so it is not struck out as text would be.
    pub(super) fn digest(text: &'static str) -> Self {
        Self(super::digest(text))
    }

    /// What the program says itself, as it is.
    pub(in crate::report) fn fixed(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Text of any origin.
    pub(in crate::report) fn text(text: &str) -> Self {
        Self(html(text))
    }

    /// Data for a script.
    pub(super) fn data(json: &serde_json::Value) -> Self {
        Self(html_json(json))
    }

    /// A template with parts in the place of each `{}`.
    pub(in crate::report) fn of(template: &'static str, parts: &[&dyn Markup]) -> Self {
        let mut out = Self::default();
        out.put(template, parts);
        out
    }

    /// Adds what the program says itself.
    pub(in crate::report) fn say(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Adds a template with parts in the place of each `{}`.
    pub(in crate::report) fn put(&mut self, template: &'static str, parts: &[&dyn Markup]) {
        let mut fixed = template.split("{}");
        self.0.push_str(fixed.next().unwrap_or_default());
        debug_assert_eq!(fixed.clone().count(), parts.len(), "{template}");
        for (fixed, part) in fixed.zip(parts) {
            part.put_into(self);
            self.0.push_str(fixed);
        }
    }

    /// Pieces with something between them.
    pub(super) fn joined(pieces: &[Self], between: &'static str) -> Self {
        let pieces: Vec<&str> = pieces.iter().map(|it| it.0.as_str()).collect();
        Self(pieces.join(between))
    }

    pub(in crate::report) fn into_string(self) -> String {
        self.0
    }
}

/// What can be put into a page. Text is escaped.
pub(in crate::report) trait Markup {
    fn put_into(&self, out: &mut Html);
}

impl Markup for Html {
    fn put_into(&self, out: &mut Html) {
        out.0.push_str(&self.0);
    }
}

impl Markup for str {
    fn put_into(&self, out: &mut Html) {
        out.0.push_str(&html(self));
    }
}

impl Markup for String {
    fn put_into(&self, out: &mut Html) {
        self.as_str().put_into(out);
    }
}

impl Markup for Cow<'_, str> {
    fn put_into(&self, out: &mut Html) {
        self.as_ref().put_into(out);
    }
}

impl<T: Markup + ?Sized> Markup for &T {
    fn put_into(&self, out: &mut Html) {
        (**self).put_into(out);
    }
}

/// Nothing is put in where there is none.
impl<T: Markup> Markup for Option<T> {
    fn put_into(&self, out: &mut Html) {
        if let Some(it) = self {
            it.put_into(out);
        }
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Markup for $number {
            fn put_into(&self, out: &mut Html) {
                out.0.push_str(&self.to_string());
            }
        }
    )*};
}

numbers!(u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_wherever_it_is_put_in() {
        let hostile = "</b><script>\"'&";
        let escaped = "&lt;/b&gt;&lt;script&gt;&quot;&#39;&amp;";
        let owned = hostile.to_owned();
        let parts: [&dyn Markup; 4] = [&hostile, &owned, &Cow::Borrowed(hostile), &Some(hostile)];
        for part in parts {
            assert_eq!(
                Html::of("<b>{}</b>", &[part]).into_string(),
                format!("<b>{escaped}</b>")
            );
        }
        assert_eq!(Html::text(hostile).into_string(), escaped);
    }

    #[test]
    fn pieces_are_put_in_as_they_are() {
        let inner = Html::of("<i>{}</i>", &[&3_usize]);
        let none: Option<Html> = None;
        let page = Html::of("<p>{}{}</p>", &[&inner, &none]);
        assert_eq!(page.into_string(), "<p><i>3</i></p>");
        let all = Html::joined(&[inner, Html::text("<")], " · ");
        assert_eq!(all.into_string(), "<i>3</i> · &lt;");
    }

    /// A brace in a text is no place for the next part.
    #[test]
    fn what_is_put_in_is_no_template() {
        let page = Html::of("{}-{}", &[&"{}", &"b"]);
        assert_eq!(page.into_string(), "{}-b");
    }
}
