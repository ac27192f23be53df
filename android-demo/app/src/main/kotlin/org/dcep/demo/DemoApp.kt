package org.dcep.demo

import android.app.Application
import org.dcep.demo.alone.Town
import org.dcep.demo.phone.AndroidDevice
import org.dcep.demo.phone.BankBook
import org.dcep.demo.phone.Device
import org.dcep.demo.phone.OwnPhone
import org.dcep.demo.phone.Phone
import org.dcep.demo.phone.Setup

/** What lives as long as the process: the one open wallet, above all. */
open class DemoApp : Application() {
    open val device: Device by lazy { AndroidDevice(this) }

    val banks: BankBook by lazy { BankBook(this) }

    /** The wallet of this phone. */
    open val own: OwnPhone by lazy { OwnPhone(noBackupFilesDir.resolve("wallet"), banks, device) }

    /** Whose wallet the screens show: this phone's own, or one that is tried out. */
    val phone: Phone get() = visited ?: own

    /** A simulated phone whose app is looked into. */
    var visited: Phone? = null

    /** The two simulated phones, while somebody tries it alone. */
    var town: Town? = null

    /** A wallet that is being set up; never on a disk. */
    var setup: Setup? = null
}
