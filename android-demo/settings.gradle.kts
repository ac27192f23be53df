// Opened by Android Studio. The same sources are built and tested by Maven, see pom.xml.
pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

dependencyResolutionManagement {
    repositories {
        // The wallet's packages, until they are published: `mvn install` in ../bindings/kotlin puts them there.
        mavenLocal { content { includeGroup("org.dcep") } }
        google()
        mavenCentral()
    }
}

rootProject.name = "digital-cash-demo"
include(":app")
