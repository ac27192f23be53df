plugins {
    alias(libs.plugins.android.application)
}

android {
    namespace = "org.dcep.demo"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.dcep.demo"
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }

    buildTypes {
        release {
            // The rules that the wallet's package ships are enough for it.
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

dependencies {
    // The archive has the manifest and the library for phones in it; JNA comes as the archive of its own that Android takes.
    implementation("${libs.wallet.android.get()}@aar") {
        isTransitive = true
        exclude(group = "net.java.dev.jna")
    }
    implementation("${libs.jna.get()}@aar")
    implementation(libs.coroutines.android)
    implementation(libs.zxing)
}
