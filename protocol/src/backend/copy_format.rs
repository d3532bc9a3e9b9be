//! What the three messages that begin a COPY say.

use crate::wire::{DecodeError, EncodeError, Format, Reader, Writer};

/// The formats of a COPY's data: the body of CopyInResponse, CopyOutResponse and CopyBothResponse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFormat {
    /// The whole data's format: lines of text, or COPY's binary format.
    pub overall: Format,
    /// The columns' formats, one each; all text where the whole is.
    pub columns: Vec<Format>,
}

impl CopyFormat {
    pub(super) fn write(&self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        let overall = match self.overall {
            Format::Text => 0,
            Format::Binary => 1,
        };
        body.byte("overall format", overall)?;
        body.formats("column formats", &self.columns)
    }

    pub(super) fn read(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let code = body.byte("overall format")?;
        let overall = Format::from_code(code.into()).ok_or_else(|| body.bad_value("overall format", code))?;
        Ok(Self {
            overall,
            columns: body.formats("column formats")?,
        })
    }
}
