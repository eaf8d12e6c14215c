import Testing

@testable import SMGRouting

@Suite struct PrefixIndexTests {
}
