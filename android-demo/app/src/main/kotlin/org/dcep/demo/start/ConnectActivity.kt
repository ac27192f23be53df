package org.dcep.demo.start

import android.os.Bundle
import android.widget.RadioButton
import org.dcep.demo.R
import org.dcep.demo.phone.Setup
import org.dcep.demo.ui.Screen
import org.dcep.wallet.WordList

/** Which bank, and in which language the words are. */
class ConnectActivity : Screen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.connect)
        val fields = BankFields(this)
        onTouch(R.id.proceed) {
            val bank = fields.read() ?: return@onTouch
            val chinese = find<RadioButton>(R.id.words_chinese).isChecked
            app.setup = Setup(bank, if (chinese) WordList.SIMPLIFIED_CHINESE else WordList.ENGLISH)
            go(WordsActivity::class)
        }
    }
}
