package org.dcep.wallet

import java.lang.reflect.Constructor

/** Every error that there is, with made-up fields. */
internal object EveryError {
    /** What fields are made of, by their names. */
    private val fields = mapOf(
        "ageDays" to 40,
        "amount" to fen(15_000),
        "asked" to fen(20_000),
        "atMost" to fen(10_000),
        "copy" to "wallet.sqlite.damaged-1",
        "demanded" to Assurance.SECURE_ELEMENT,
        "failed" to 3,
        "found" to 9,
        "inDoubt" to fen(500),
        "known" to 4,
        "largest" to fen(12_000),
        "left" to fen(5_000),
        "lifts" to Lift.Waiting(CalendarDay(2026u, 11u, 26u)),
        "onlyAtBank" to fen(700),
        "reason" to Reason(213u, "certificate-expired", false),
        "room" to fen(1_000),
        "spendable" to fen(10_000),
        "status" to 503,
        "version" to 2,
        "wait" to 60,
        "what" to "of the test",
    )

    /** The same, where one name has several types. */
    private val byType = listOf(
        OpenException.WrongKey(), PayException.NothingAsked(), TransportException.TimedOut(), VaultException.UserCancelled(),
        WalletException.Busy(), Limit.PER_DAY, fen(500_000),
    )

    /** Every family of errors. */
    val families: List<Class<*>> =
        packageClasses.filter { it.simpleName.endsWith("Exception") && it != InternalException::class.java }

    /** Every case of a family, made. */
    fun cases(family: Class<*>): List<Exception> =
        family.declaredClasses.filter { family.isAssignableFrom(it) }.sortedBy { it.simpleName }.map(::make)

    private fun make(case: Class<*>): Exception {
        val names = case.declaredFields.map { it.name }
        // Where Java has no word for a number, the constructor has one parameter more.
        val constructor = case.declaredConstructors.maxBy(Constructor<*>::getParameterCount).apply { isAccessible = true }
        val values = constructor.parameterTypes.mapIndexed { at, type ->
            names.getOrNull(at)?.let { name -> value(name, type) }
        }
        return constructor.newInstance(*values.toTypedArray()) as Exception
    }

    private fun value(name: String, type: Class<*>): Any {
        val made = fields[name] ?: byType.first { type.isInstance(it) }
        return when (type) {
            Byte::class.java -> (made as Int).toByte()
            Short::class.java -> (made as Int).toShort()
            Long::class.java -> (made as Int).toLong()
            else -> made
        }
    }
}

/** What any error says of itself. The generated classes have no type in common. */
internal class Said(private val error: Exception) {
    val name get() = ask("name") as String
    val code get() = (ask("code") as Short).toUShort()
    val isRetryable get() = ask("isRetryable") as Boolean

    fun sentence(language: Language) = error.javaClass.getMethod("sentence", Language::class.java).invoke(error, language) as String

    private fun ask(what: String): Any =
        error.javaClass.methods.first { it.name.substringBefore('-') == what && it.parameterCount == 0 }.invoke(error)
}
