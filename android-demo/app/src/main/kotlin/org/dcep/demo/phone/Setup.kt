package org.dcep.demo.phone

import org.dcep.wallet.AccountWords
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList

/** A wallet that is not made yet: its bank, and the words that its holder is writing down. */
class Setup(
    val bank: BankEntry,
    val words: AccountWords,
    /** Which of the words are asked for, to check what was written down; counted from 0. */
    val asked: List<Int>,
) {
    /** With new words, any three of which are asked for. */
    constructor(bank: BankEntry, list: WordList) :
        this(bank, AccountWords.generate(WordCount.TWELVE, list), (0 until 12).shuffled().take(3).sorted())
}
