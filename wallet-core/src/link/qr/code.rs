//! The modules of a code, for whoever draws it.

use qrcodegen::{QrCode, QrCodeEcc, QrSegment};

use super::SlipError;

/// A QR code: a square of modules, dark or light. Around it there must be four modules of light.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    side: usize,
    modules: Vec<bool>,
}

impl Code {
    /// The code of a text, in the smallest version that holds it, with as much error correction as fits into that.
    ///
    /// # Errors
    /// [`SlipError::TooLarge`] if no version holds it; of a frame every text fits.
    pub fn of(text: &str) -> Result<Self, SlipError> {
        let segments = QrSegment::make_segments(text);
        let too_large = |_| SlipError::TooLarge { bytes: text.len() };
        let code = QrCode::encode_segments(&segments, QrCodeEcc::Low).map_err(too_large)?;
        let range = 0..code.size();
        let rows = range.clone().flat_map(|y| range.clone().map(move |x| (x, y)));
        Ok(Self {
            modules: rows.map(|(x, y)| code.get_module(x, y)).collect(),
            side: usize::try_from(code.size()).unwrap_or_default(),
        })
    }

    /// How many modules there are along each side: 17 + 4 times the version.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Row by row from the top left; true is dark.
    #[must_use]
    pub fn modules(&self) -> &[bool] {
        &self.modules
    }
}
