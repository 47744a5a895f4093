// What a build says of itself: its version, and the commit that it was made from.

enum BuildVersion {
    static let number = "0.1.0"

    /// The commit's full hash; "unknown" in a build of a working tree, whose files may be those of no commit.
    static let commit = archivedCommit.hasPrefix("$") ? "unknown" : archivedCommit

    /// `git archive`, which scripts/package builds from, writes the commit in the place of the text between the quotes
    /// (export-subst in .gitattributes). So a build learns its commit without git, and a change of it rebuilds nothing
    /// in a working tree.
    private static let archivedCommit = "$Format:%H$"

    /// What `--version` prints.
    static let text = "\(number) (commit \(commit))"
}
