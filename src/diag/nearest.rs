//! The nearest name for a misspelt one.

/// The candidate that a misspelling most likely meant: at most a third of its letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance =
        |candidate: &str| strsim::osa_distance(&word.to_lowercase(), &candidate.to_lowercase());
    let (edits, candidate) = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(edits, name)| (*edits, *name))?;
    let tolerated = word
        .chars()
        .count()
        .max(candidate.chars().count())
        .div_ceil(3);
    (edits <= tolerated).then_some(candidate)
}

/// A help text that offers the nearest candidate, `None` when nothing is near.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(question)
}

/// The help text that offers a name.
pub(super) fn question(candidate: &str) -> String {
    format!("did you mean `{candidate}`?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_words_are_offered() {
        let fields = ["displayName", "description", "goal"];
        assert_eq!(nearest("displyName", fields), Some("displayName"));
        assert_eq!(nearest("gaol", fields), Some("goal"));
        assert_eq!(nearest("weight", fields), None);
    }
}
