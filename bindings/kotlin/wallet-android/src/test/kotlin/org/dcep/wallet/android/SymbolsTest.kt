package org.dcep.wallet.android

import org.dcep.wallet.platform.NamedHeads
import org.junit.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.FieldVisitor
import org.objectweb.asm.Handle
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import org.objectweb.asm.Type
import java.io.File
import java.util.zip.ZipFile
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The oldest Android that the packages run on. */
private const val OLDEST = 26

/**
 * What the packages use of Android, and of Java, against what the oldest Android has.
 *
 * The jar that they are compiled against also shows what Android hides from apps, and the JDK has more of Java than Android
 * has. So every symbol of Android stands in `android-symbols.txt`, with the API level that its documentation gives; and every
 * symbol of Java is one of Java 8, which Android 8 has, or stands there as well.
 */
class SymbolsTest {
    private val ours = roots().flatMap(::classes).associateBy { ClassReader(it).className }
    private val used = ours.values.flatMap { symbols(it, Library(ours::get)) }.toSortedSet()
    private val listed: Map<String, Int> = File("src/test/resources/android-symbols.txt").readLines()
        .filter { it.isNotBlank() && !it.startsWith("#") }
        .associate { line -> line.substringAfter(' ') to line.substringBefore(' ').toInt() }

    @Test
    fun every_symbol_of_android_is_listed() {
        val android = used.filter { it.startsWith("android.") }
        val text = { symbols: Collection<String> -> symbols.sorted().joinToString("\n") }
        assertEquals(text(listed.keys.filter { it.startsWith("android.") }), text(android))
    }

    @Test
    fun the_oldest_android_has_what_the_list_says_it_has() {
        val oldest = ZipFile(File(System.getProperty("robolectric.dependency.dir")).listFiles()!!.single { "-8.0.0_" in it.name })
        val library = Library { name -> oldest.getEntry("$name.class")?.let { oldest.getInputStream(it).readBytes() } }
        for ((symbol, level) in listed.filterKeys { it.startsWith("android.") }) {
            assertEquals(level <= OLDEST, library.has(symbol), "$symbol, listed as of $level")
        }
    }

    @Test
    fun every_symbol_of_java_is_of_java_8_or_listed() {
        val eight = ZipFile(File(System.getProperty("java.home"), "lib/ct.sym"))
        val entries = eight.entries().asSequence().map { it.name }
            .filter { '8' in it.substringBefore('/') && it.endsWith(".sig") }
            .associateBy { it.substringAfter('/').substringAfter('/').removeSuffix(".sig") }
        val library = Library { name -> entries[name]?.let { eight.getInputStream(eight.getEntry(it)).readBytes() } }
        assertTrue(library.has("java.lang.String.length"))
        val missing = used.filter { it.startsWith("java") && !library.has(it) }
        assertEquals(listed.keys.filter { it.startsWith("java") }.sorted(), missing.sorted())
    }

    private fun roots() = listOf(KeystoreNames::class, NamedHeads::class)
        .map { File(it.java.protectionDomain.codeSource.location.toURI()) }

    private fun classes(root: File): List<ByteArray> =
        if (root.isDirectory) {
            root.walk().filter { it.extension == "class" }.map { it.readBytes() }.toList()
        } else {
            ZipFile(root).use { jar ->
                jar.entries().asSequence().filter { it.name.endsWith(".class") }
                    .map { jar.getInputStream(it).readBytes() }.toList()
            }
        }
}

/** Classes by their names with slashes, and what they and those above them have. */
private class Library(private val bytes: (String) -> ByteArray?) {
    private class Shape(val above: List<String>, val members: Set<String>)

    private val shapes = mutableMapOf<String, Shape?>()

    /** Whether a class, written with dots, is there; and so is its member, if one is named after it. */
    fun has(symbol: String): Boolean {
        if (shape(symbol.replace('.', '/')) != null) return true
        val (owner, member) = symbol.replace('.', '/').let { it.substringBeforeLast('/') to it.substringAfterLast('/') }
        return hasMember(owner, member)
    }

    /** Which class outside of this library a member comes from that is asked of a class within; `null`: from none. */
    fun origin(owner: String, member: String): String? =
        if (hasMember(owner, member)) null else outside(owner)

    /** The class itself if it is outside, else the first above it that is. */
    private fun outside(owner: String): String? = shape(owner)?.let { it.above.firstNotNullOfOrNull(::outside) } ?: owner

    private fun hasMember(owner: String, member: String): Boolean {
        val shape = shape(owner) ?: return false
        return member in shape.members || shape.above.any { hasMember(it, member) }
    }

    private fun shape(name: String): Shape? = shapes.getOrPut(name) {
        bytes(name)?.let { read ->
            val members = mutableSetOf<String>()
            val above = mutableListOf<String>()
            ClassReader(read).accept(
                object : ClassVisitor(Opcodes.ASM9) {
                    override fun visit(v: Int, a: Int, n: String, s: String?, parent: String?, interfaces: Array<String>?) {
                        above += listOfNotNull(parent) + interfaces.orEmpty()
                    }

                    override fun visitMethod(a: Int, n: String, d: String, s: String?, e: Array<String>?): MethodVisitor? {
                        members += n
                        return null
                    }

                    override fun visitField(a: Int, n: String, d: String, s: String?, value: Any?): FieldVisitor? {
                        members += n
                        return null
                    }
                },
                ClassReader.SKIP_CODE,
            )
            Shape(above, members)
        }
    }
}

/** Every class and member of a platform that the code of a class names, such as `android.nfc.Tag` or `java.io.File.delete`. */
private fun symbols(code: ByteArray, ours: Library): Set<String> {
    val found = mutableSetOf<String>()

    fun type(internal: String) {
        val element = Type.getObjectType(internal).let { if (it.sort == Type.ARRAY) it.elementType else it }
        if (element.sort == Type.OBJECT) found += element.className
    }

    fun descriptor(text: String) {
        val described = Type.getType(text)
        val types = if (described.sort == Type.METHOD) {
            described.argumentTypes.toList() + described.returnType
        } else {
            listOf(described)
        }
        types.map { if (it.sort == Type.ARRAY) it.elementType else it }
            .filter { it.sort == Type.OBJECT }.forEach { found += it.className }
    }

    fun member(owner: String, name: String, text: String) {
        type(owner)
        descriptor(text)
        if (name == "<init>" || owner.startsWith("[")) return
        // What a class of ours has from a platform's is asked of ours.
        ours.origin(owner, name)?.let { found += "${Type.getObjectType(it).className}.$name" }
    }

    ClassReader(code).accept(
        object : ClassVisitor(Opcodes.ASM9) {
            override fun visit(v: Int, a: Int, n: String, s: String?, parent: String?, interfaces: Array<String>?) {
                (listOfNotNull(parent) + interfaces.orEmpty()).forEach(::type)
            }

            override fun visitField(a: Int, n: String, d: String, s: String?, value: Any?): FieldVisitor? {
                descriptor(d)
                return null
            }

            override fun visitMethod(a: Int, n: String, d: String, s: String?, thrown: Array<String>?): MethodVisitor {
                descriptor(d)
                thrown.orEmpty().forEach(::type)
                return object : MethodVisitor(Opcodes.ASM9) {
                    override fun visitMethodInsn(o: Int, owner: String, n: String, d: String, i: Boolean) = member(owner, n, d)

                    override fun visitFieldInsn(o: Int, owner: String, n: String, d: String) = member(owner, n, d)

                    override fun visitTypeInsn(o: Int, name: String) = type(name)

                    override fun visitTryCatchBlock(
                        s: org.objectweb.asm.Label?,
                        e: org.objectweb.asm.Label?,
                        h: org.objectweb.asm.Label?,
                        name: String?,
                    ) {
                        name?.let(::type)
                    }

                    override fun visitInvokeDynamicInsn(n: String, d: String, by: Handle, vararg with: Any) {
                        member(by.owner, by.name, by.desc)
                        with.filterIsInstance<Handle>().forEach { member(it.owner, it.name, it.desc) }
                    }

                    override fun visitLdcInsn(value: Any) {
                        if (value is Type) descriptor(value.descriptor)
                    }
                }
            }
        },
        ClassReader.SKIP_DEBUG or ClassReader.SKIP_FRAMES,
    )
    return found.filterTo(mutableSetOf()) { it.startsWith("android.") || it.startsWith("java.") || it.startsWith("javax.") }
}
