//! The words for edXML that cannot be read, in Vietnamese and English.

use crate::exchange::edxml::EdxmlError;
use crate::refusal::Words;

impl EdxmlError {
    /// Problem and hint in both languages.
    pub fn words(&self) -> Words {
        let [problem_vi, problem_en] = self.problem();
        let [hint_vi, hint_en] = self.hint().map(str::to_owned);
        Words { problem_vi, problem_en, hint_vi, hint_en }
    }

    fn problem(&self) -> [String; 2] {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::TooDeep { .. } => {
                ["Thông điệp edXML vượt giới hạn cho phép.".into(), format!("{self}.")]
            }
            Self::NotUtf8 => ["Thông điệp edXML không phải văn bản UTF-8.".into(), format!("{self}.")],
            Self::Malformed { .. } => ["Thông điệp edXML sai cú pháp XML.".into(), format!("{self}.")],
            Self::DoctypeRefused | Self::EntityRefused { .. } => {
                ["Thông điệp edXML chứa DOCTYPE hoặc thực thể, bị từ chối.".into(), format!("{self}.")]
            }
            Self::SoapRefused => {
                ["Thông điệp edXML bọc trong SOAP không được nhận.".into(), format!("{self}.")]
            }
            Self::UnknownNamespace { namespace } => {
                [format!("Không gian tên không đúng QCVN 102:2016: {namespace:?}."), format!("{self}.")]
            }
            Self::MissingPrefix { element } => {
                [format!("Phần tử {element} thiếu tiền tố edXML."), format!("{self}.")]
            }
            Self::MissingElement { element } => {
                [format!("Thiếu phần tử bắt buộc {element}."), format!("{self}.")]
            }
            Self::RepeatedElement { element } => {
                [format!("Phần tử {element} chỉ được có một lần."), format!("{self}.")]
            }
            Self::InvalidValue { element } => {
                [format!("Giá trị của phần tử {element} không hợp lệ."), format!("{self}.")]
            }
            Self::AttachmentCount { references, attachments } => {
                [format!("Khai {references} tệp đính kèm nhưng có {attachments} tệp."), format!("{self}.")]
            }
            Self::AttachmentMismatch { content_id } => {
                [format!("Tệp đính kèm {content_id:?} không khớp danh sách khai."), format!("{self}.")]
            }
            Self::NoAttachment => ["Thông điệp không có tệp văn bản.".into(), format!("{self}.")],
            Self::BadBase64 { name } => {
                [format!("Tệp đính kèm {name:?} không giải mã được base64."), format!("{self}.")]
            }
            Self::UnsupportedCompression { name } => {
                [format!("Tệp đính kèm {name:?} bị nén theo cách chưa hỗ trợ."), format!("{self}.")]
            }
            Self::ContentMismatch { name } => {
                [format!("Nội dung tệp đính kèm {name:?} không đúng loại khai báo."), format!("{self}.")]
            }
        }
    }

    fn hint(&self) -> [&'static str; 2] {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::TooDeep { .. } => {
                ["Chia nhỏ hồ sơ hoặc gửi ít tệp hơn.", "Send fewer or smaller files."]
            }
            Self::AttachmentCount { .. } | Self::AttachmentMismatch { .. } | Self::NoAttachment => [
                "Kiểm tra Reference và Attachment rồi gửi lại.",
                "Compare Reference and Attachment, send again.",
            ],
            Self::UnsupportedCompression { .. } | Self::ContentMismatch { .. } | Self::BadBase64 { .. } => [
                "Gửi tệp PDF gốc mã hóa base64, không nén.",
                "Send the PDF itself in base64, not compressed.",
            ],
            _ => [
                "Lập lại thông điệp theo QCVN 102:2016/BTTTT.",
                "Make the message again as QCVN 102:2016/BTTTT says.",
            ],
        }
    }
}
