package org.dcep.wallet

import java.io.File

/** The classes of `org.dcep.wallet` that stand for themselves, as they were compiled, by their names. */
internal val packageClasses: List<Class<*>> =
    File(File(Wallet::class.java.protectionDomain.codeSource.location.toURI()), "org/dcep/wallet").list()!!
        .filter { it.endsWith(".class") && '$' !in it }
        .sorted()
        .map { Class.forName("org.dcep.wallet.${it.removeSuffix(".class")}") }
