package org.dcep.demo

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import org.dcep.demo.bank.BankActivity
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.w3c.dom.Element

/** Everything is there in both languages. */
@RunWith(RobolectricTestRunner::class)
class LanguagesTest {
    private val english = texts("values")
    private val chinese = texts("values-zh-rCN")

    /** By name: every text of a language; of what is counted, the form for many. */
    private fun texts(folder: String): Map<String, String> {
        val file = File(System.getProperty("basedir"), "app/src/main/res/$folder/strings.xml")
        val root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).documentElement
        val all = (0 until root.childNodes.length).map(root.childNodes::item).filterIsInstance<Element>()
        return all.associate { it.getAttribute("name") to it.textContent.trim().lines().last().trim() }
    }

    private fun places(text: String) = Regex("""%(\d+\$)?[sd]""").findAll(text).map { it.value }.sorted().toList()

    @Test
    fun both_have_the_same_texts() = assertEquals(english.keys, chinese.keys)

    @Test
    fun both_say_it_with_the_same_amounts_and_names() {
        val different = english.keys.filter { places(english.getValue(it)) != places(chinese.getValue(it)) }
        assertEquals(emptyList(), different)
    }

    @Test
    fun what_is_chinese_is_chinese() {
        val signs = setOf("yuan", "number", "line", "part_because", "bank_address_hint", "bank_root_hint", "alone_first_amount")
        val untranslated = chinese.filter { (name, text) -> name !in signs && text.none { it.code in 0x4e00..0x9fff } }
        assertEquals(emptySet(), untranslated.keys - signs)
    }

    @Test
    @Config(qualifiers = "zh-rCN")
    fun the_wallet_itself_speaks_the_language_of_the_screens() {
        setUp()
        app.device.box.setOffline(true)
        val bank = open<BankActivity>()
        bank.touch(R.id.sync)
        until("a sentence is shown") { dialog() == "无法连接银行，请检查网络后重试，您的钱不会丢失。" }
    }
}
