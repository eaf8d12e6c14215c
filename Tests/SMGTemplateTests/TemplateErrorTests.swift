import Testing

@testable import SMGTemplate

@Suite struct TemplateErrorTests {
    @Test func codesAreDistinct() {
        #expect(Set(TemplateError.Code.allCases.map(\.rawValue)).count == TemplateError.Code.allCases.count)
    }
}
