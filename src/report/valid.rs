//! How many manifests are valid, where nothing is wrong with them.

/// One line, or one per environment where they differ: the environments with their manifests and files.
#[must_use]
pub fn render_valid(counts: &[(String, usize, usize)]) -> String {
    let plural = |number: usize, word: &str| {
        format!("{number} {word}{}", if number == 1 { "" } else { "s" })
    };
    let said = |(_, manifests, files): &(String, usize, usize)| {
        let verb = if *manifests == 1 { "is" } else { "are" };
        let (manifests, files) = (plural(*manifests, "manifest"), plural(*files, "file"));
        format!("{manifests} in {files} {verb} valid")
    };
    let mut distinct: Vec<String> = counts.iter().map(said).collect();
    distinct.dedup();
    if let [only] = distinct.as_slice() {
        return format!("{only}.\n");
    }
    let line = |count: &(String, usize, usize)| format!("{} in {}.\n", said(count), count.0);
    counts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_named_where_they_differ() {
        let of = |counts: &[(&str, usize, usize)]| {
            let counts = counts
                .iter()
                .map(|(name, manifests, files)| ((*name).to_owned(), *manifests, *files));
            render_valid(&counts.collect::<Vec<_>>())
        };
        assert_eq!(of(&[("eu", 1, 1)]), "1 manifest in 1 file is valid.\n");
        assert_eq!(
            of(&[("eu", 3, 1), ("us", 3, 1)]),
            "3 manifests in 1 file are valid.\n"
        );
        assert_eq!(
            of(&[("eu", 3, 1), ("us", 4, 2)]),
            "3 manifests in 1 file are valid in eu.\n4 manifests in 2 files are valid in us.\n"
        );
    }
}
