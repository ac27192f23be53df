<?xml version="1.0" encoding="UTF-8"?>
<!-- The app's manifest, with what the package adds to it and what app/build.gradle.kts says. Gradle does this for everybody else. -->
<xsl:stylesheet
    version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:android="http://schemas.android.com/apk/res/android">
  <xsl:param name="package"/>
  <xsl:variable name="added" select="document($package)/manifest"/>

  <xsl:template match="@*|node()">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="/manifest">
    <xsl:copy>
      <xsl:attribute name="package">org.dcep.demo</xsl:attribute>
      <xsl:apply-templates select="@*"/>
      <uses-sdk android:minSdkVersion="26" android:targetSdkVersion="35"/>
      <xsl:apply-templates select="node()"/>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="application">
    <xsl:copy-of select="$added/uses-permission | $added/uses-feature"/>
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:copy-of select="$added/application/*"/>
    </xsl:copy>
  </xsl:template>
</xsl:stylesheet>
