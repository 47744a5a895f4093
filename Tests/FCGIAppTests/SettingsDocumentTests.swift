// The settings in docs/configuration.md are the declared ones.
//
// The tables in it are made from the declarations, by
//
//     UPDATE_DOCUMENTS=1 swift test --filter SettingsDocumentTests

import Foundation
import Testing

@testable import FCGIApp

@Suite struct SettingsDocumentTests {
    private static let file = URL(filePath: #filePath).appending(path: "../../../docs/configuration.md").standardized
    private static let begin = "<!-- The tables of settings begin here. SettingsDocumentTests makes them. -->\n"
    private static let end = "<!-- The tables of settings end here. -->\n"

    @Test func theTablesAreTheDeclaredSettings() throws {
        let document = try String(contentsOf: Self.file, encoding: .utf8)
        let begin = try #require(document.range(of: Self.begin))
        let end = try #require(document.range(of: Self.end))
        let tables = "\n" + Settings.declared.groups.map(Self.chapter).joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_DOCUMENTS"] != nil {
            let updated = document.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: tables)
            try updated.write(to: Self.file, atomically: true, encoding: .utf8)
        } else {
            #expect(
                document[begin.upperBound..<end.lowerBound] == tables,
                "docs/configuration.md: UPDATE_DOCUMENTS=1 swift test --filter SettingsDocumentTests"
            )
        }
    }

    private static func chapter(_ group: any SettingGroup) -> String {
        """
        ### \(group.title)

        | variable | value | default | what it decides |
        | --- | --- | --- | --- |
        \(group.settings.map(row).joined(separator: "\n"))

        """
    }

    private static func row(_ setting: any SettingDeclaration) -> String {
        let defaultText =
            switch setting.defaultValue {
            case .value(let text): "`\(text)`"
            case .absent(let meaning): withCode(meaning)
            case .required: "required"
            }
        return "| `\(setting.name)` | \(setting.typeWithBounds) | \(defaultText) | \(withCode(setting.reason)) |"
    }

    /// The text with the names of variables marked as code.
    private static func withCode(_ text: String) -> String {
        text.replacing(/\b[A-Z]+(?:_[A-Z]+)+\b/) { "`\($0.output)`" }
    }
}
