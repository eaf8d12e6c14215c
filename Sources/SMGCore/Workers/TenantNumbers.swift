/// Hands out the numbers by which routing knows workers: the smallest free one, since prefix indexes hold small numbers
/// more cheaply.
struct TenantNumbers {
    private var released: [Int] = []
    private var next = 0

    /// Numbers in use.
    var takenCount: Int { next - released.count }

    mutating func take() -> Int {
        guard let place = released.indices.min(by: { released[$0] < released[$1] }) else {
            defer { next += 1 }
            return next
        }
        let number = released[place]
        released.swapAt(place, released.count - 1)
        released.removeLast()
        return number
    }

    mutating func giveBack(_ number: Int) { released.append(number) }
}
