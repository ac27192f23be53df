package org.dcep.wallet.platform

/** Shared by the packages of this project, and by nobody else: may change in any release. */
@RequiresOptIn(level = RequiresOptIn.Level.ERROR)
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
public annotation class InternalWalletApi
