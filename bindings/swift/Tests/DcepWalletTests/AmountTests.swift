import DcepWallet
import Testing

@Suite struct AmountTests {
    @Test func whatAnAmountPrintsIsRead() throws {
        for text in ["0.00", "0.01", "37.45", "90071992547409.91"] {
            #expect(try "\(Amount.parse(text))" == text)
            #expect(Amount(text)?.description == text)
        }
        for text in ["", "1", "1.5", "1,50", "-1.00", "1.000", "¥1.00"] {
            #expect(throws: AmountError.malformed) { try Amount.parse(text) }
            #expect(Amount(text) == nil)
        }
        #expect(throws: AmountError.tooLarge) { try Amount.parse("90071992547409.92") }
    }

    @Test func amountsAddAndCompare() throws {
        #expect(Amount.fen(99) < .fen(100))
        #expect([Amount.fen(3), .zero, .largest].max() == .largest)
        #expect(try Amount.parse("37.45").adding(.fen(55)) == Amount.parse("38.00"))
        #expect(throws: AmountError.tooLarge) { try Amount.largest.adding(.fen(1)) }
        #expect(throws: AmountError.tooLarge) { try Amount(fen: .max).adding(.fen(1)) }
        #expect(Amount.fen(3).subtracting(.fen(3)) == .zero)
        #expect(Amount.fen(3).subtracting(.fen(4)) == nil)
    }

    /// Formatting and comparing work for whatever a record was built with.
    @Test func whatIsOutOfRangeStillPrints() {
        #expect("\(Amount(fen: .max))" == "184467440737095516.15")
        #expect(Amount(fen: .max) > .largest)
    }
}
