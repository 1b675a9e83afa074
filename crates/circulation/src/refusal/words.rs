//! The words of refusals, in Vietnamese and English.

use serde::{Deserialize, Serialize};

use crate::person::Role;
use crate::refusal::Refusal;

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The problem, in Vietnamese.
    pub problem_vi: String,
    /// The problem, in English.
    pub problem_en: String,
    /// What to do, in Vietnamese.
    pub hint_vi: String,
    /// What to do, in English.
    pub hint_en: String,
}

impl Refusal {
    /// Problem and hint in both languages.
    pub fn words(&self) -> Words {
        let [problem_vi, problem_en, hint_vi, hint_en] = self.phrases();
        Words { problem_vi, problem_en, hint_vi, hint_en }
    }

    /// Problem (vi, en), hint (vi, en).
    fn phrases(&self) -> [String; 4] {
        match self {
            Self::InvalidIdentifier { .. }
            | Self::InvalidOrganId
            | Self::UnknownStatusCode { .. }
            | Self::FieldMissing { .. }
            | Self::FieldTooLong { .. }
            | Self::FieldInvalid { .. }
            | Self::MainFileMissing => self.input_phrases(),
            Self::OtherOrganisation
            | Self::RoleMissing { .. }
            | Self::NotTheClerk
            | Self::WrongState { .. }
            | Self::EditAfterIssue
            | Self::SecretOnOpenNetwork => self.permission_phrases(),
            Self::FileChanged { .. }
            | Self::SignatureMissing { .. }
            | Self::SignatureInvalid { .. }
            | Self::SealBeforeSignature
            | Self::CertificateUnknown
            | Self::WrongKeyHolder
            | Self::CertificateExpired { .. }
            | Self::CertificateNotYetValid { .. }
            | Self::CertificateWithdrawn { .. } => self.signature_phrases(),
            Self::NumberUsed { .. }
            | Self::NumberGap { .. }
            | Self::ManualNumber
            | Self::NumbersExhausted
            | Self::DateNotToday { .. }
            | Self::DateBeforeLast { .. }
            | Self::RegisterMismatch => self.number_phrases(),
            _ => self.exchange_phrases(),
        }
    }

    fn input_phrases(&self) -> [String; 4] {
        match self {
            Self::InvalidIdentifier { kind } => [
                format!("Mã định danh không hợp lệ ({kind})."),
                format!("The identifier is not valid ({kind})."),
                "Dùng đúng mã hệ thống đã cấp.".into(),
                "Use the identifier the system gave.".into(),
            ],
            Self::InvalidOrganId => [
                "Mã định danh cơ quan không đúng quy định.".into(),
                "The organisation's code is not well formed.".into(),
                "Tối đa 35 ký tự A-Z, 0-9, các nhóm cách nhau bằng dấu chấm (QĐ 20/2020/QĐ-TTg).".into(),
                "At most 35 of A-Z and 0-9, groups separated by dots (QĐ 20/2020/QĐ-TTg).".into(),
            ],
            Self::UnknownStatusCode { given } => [
                format!("Mã trạng thái không có trong quy định: {given}."),
                format!("The status code is not known: {given}."),
                "Dùng một trong các mã 01, 02, 03, 04, 05, 06, 13, 15, 16.".into(),
                "Use one of 01, 02, 03, 04, 05, 06, 13, 15, 16.".into(),
            ],
            Self::FieldMissing { field } => [
                format!("Thiếu thông tin bắt buộc: {field}."),
                format!("A required field is missing: {field}."),
                "Nhập thông tin này rồi gửi lại.".into(),
                "Fill it in and send again.".into(),
            ],
            Self::FieldTooLong { field, limit } => [
                format!("Thông tin {field} dài quá {limit} ký tự."),
                format!("The field {field} is longer than {limit} characters."),
                "Rút ngắn rồi gửi lại.".into(),
                "Shorten it and send again.".into(),
            ],
            Self::FieldInvalid { field } => [
                format!("Thông tin {field} không hợp lệ."),
                format!("The field {field} is not valid."),
                "Sửa lại rồi gửi lại.".into(),
                "Correct it and send again.".into(),
            ],
            _ => [
                "Phải có đúng một tệp văn bản chính dạng PDF.".into(),
                "There must be exactly one main PDF.".into(),
                "Gửi kèm một tệp chính; phụ lục đánh dấu là appendix.".into(),
                "Send one main file; mark appendixes as appendix.".into(),
            ],
        }
    }

    fn permission_phrases(&self) -> [String; 4] {
        match self {
            Self::OtherOrganisation => [
                "Văn bản thuộc cơ quan khác.".into(),
                "The document belongs to another organisation.".into(),
                "Đăng nhập bằng tài khoản của cơ quan có văn bản.".into(),
                "Act with credentials of the organisation that owns it.".into(),
            ],
            Self::RoleMissing { needed } if needed.is_empty() => [
                "Bước này do Hệ thống tự thực hiện.".into(),
                "Only the system itself takes this step.".into(),
                "Chờ bên nhận trả lời.".into(),
                "Wait for the other side to answer.".into(),
            ],
            Self::RoleMissing { needed } => {
                let names = |f: fn(Role) -> &'static str| {
                    needed.iter().map(|role| f(*role)).collect::<Vec<_>>().join(" / ")
                };
                [
                    "Người thao tác không có quyền thực hiện bước này.".into(),
                    "The actor may not take this step.".into(),
                    format!("Cần vai trò: {}.", names(Role::name_vi)),
                    format!("One of these roles is needed: {}.", names(Role::name_en)),
                ]
            }
            Self::NotTheClerk => [
                "Chỉ văn thư được sử dụng khóa bí mật của cơ quan.".into(),
                "Only the clerk may use the organisation's key.".into(),
                "Chuyển văn bản cho văn thư cơ quan (NĐ 30/2020, Điều 32).".into(),
                "Hand the document to the clerk (NĐ 30/2020, Article 32).".into(),
            ],
            Self::WrongState { command, state } => [
                format!("Không thực hiện được bước “{command}” khi văn bản đang ở trạng thái “{state}”."),
                format!("The step “{command}” cannot be taken in the state “{state}”."),
                "Xem lịch sử văn bản để biết bước tiếp theo.".into(),
                "See the document's timeline for the next step.".into(),
            ],
            Self::EditAfterIssue => [
                "Văn bản đã phát hành, không được sửa.".into(),
                "The document is issued and cannot be changed.".into(),
                "Ban hành văn bản thay thế, sửa đổi hoặc công văn đính chính (NĐ 30/2020, Điều 18).".into(),
                "Issue a replacement, an amendment or a correcting letter (NĐ 30/2020, Article 18).".into(),
            ],
            _ => [
                "Văn bản mật không được đưa lên hệ thống nối mạng Internet.".into(),
                "A secret document may not enter a system on an open network.".into(),
                "Xử lý văn bản theo chế độ bảo vệ bí mật nhà nước; không tải lên hệ thống này.".into(),
                "Handle it by the rules for state secrets; do not upload it here.".into(),
            ],
        }
    }

    fn signature_phrases(&self) -> [String; 4] {
        match self {
            Self::FileChanged { current } => [
                "Tệp đã thay đổi kể từ khi được đọc để ký.".into(),
                "The file changed since it was read for signing.".into(),
                format!("Tải lại tệp hiện tại (SHA-256 {current}) và ký lại."),
                format!("Fetch the current file (SHA-256 {current}) and sign again."),
            ],
            Self::SignatureMissing { field } => [
                format!("Tệp không có chữ ký ở trường {field}."),
                format!("The file has no signature in the field {field}."),
                "Ký vào đúng trường chữ ký của văn bản rồi gửi lại.".into(),
                "Sign in that field and send again.".into(),
            ],
            Self::SignatureInvalid { field, indication } => [
                format!("Chữ ký ở trường {field} không hợp lệ ({indication})."),
                format!("The signature in the field {field} does not hold ({indication})."),
                "Kiểm tra báo cáo xác thực chữ ký; không dùng tệp này.".into(),
                "See the verification report; do not use this file.".into(),
            ],
            Self::SealBeforeSignature => [
                "Văn bản chưa có chữ ký của người có thẩm quyền.".into(),
                "No competent person has signed the document yet.".into(),
                "Trình lãnh đạo ký trước khi ký số của cơ quan (NĐ 30/2020, Điều 32).".into(),
                "Have the leader sign before the organisation does (NĐ 30/2020, Article 32).".into(),
            ],
            Self::CertificateUnknown => [
                "Chứng thư số chưa được đăng ký tại cơ quan.".into(),
                "The certificate is not registered here.".into(),
                "Đăng ký chứng thư số với quản trị trước khi ký.".into(),
                "Register the certificate before signing.".into(),
            ],
            Self::WrongKeyHolder => [
                "Chứng thư số không thuộc người hoặc cơ quan đang ký.".into(),
                "The certificate does not belong to the person or organisation that signs.".into(),
                "Ký bằng chứng thư số đã đăng ký cho chính người ký hoặc cơ quan.".into(),
                "Sign with the certificate registered to the signer.".into(),
            ],
            Self::CertificateExpired { not_after } => [
                format!("Chứng thư số đã hết hạn từ {}.", not_after.to_vietnam_iso()),
                format!("The certificate expired at {}.", not_after.to_vietnam_iso()),
                "Gia hạn hoặc dùng chứng thư số còn hiệu lực.".into(),
                "Renew it or use one that is valid.".into(),
            ],
            Self::CertificateNotYetValid { not_before } => [
                format!("Chứng thư số chưa có hiệu lực trước {}.", not_before.to_vietnam_iso()),
                format!("The certificate is not valid before {}.", not_before.to_vietnam_iso()),
                "Kiểm tra đồng hồ máy chủ hoặc chờ đến ngày hiệu lực.".into(),
                "Check the clock or wait until it is valid.".into(),
            ],
            _ => [
                "Chứng thư số đã ngừng sử dụng tại cơ quan.".into(),
                "The certificate was withdrawn from use here.".into(),
                "Dùng chứng thư số khác còn được đăng ký.".into(),
                "Use another registered certificate.".into(),
            ],
        }
    }

    fn number_phrases(&self) -> [String; 4] {
        let let_system_vi = "Để Hệ thống cấp số tiếp theo (NĐ 30/2020, Điều 15).";
        let let_system_en = "Let the System give the next number (NĐ 30/2020, Article 15).";
        match self {
            Self::NumberUsed { number } => [
                format!("Số {number:02} đã được cấp trong năm."),
                format!("The number {number:02} is already used this year."),
                let_system_vi.into(),
                let_system_en.into(),
            ],
            Self::NumberGap { number, next } => [
                format!("Số {number:02} bỏ cách quãng; số tiếp theo là {next:02}."),
                format!("The number {number:02} would leave a gap; the next one is {next:02}."),
                let_system_vi.into(),
                let_system_en.into(),
            ],
            Self::ManualNumber => [
                "Không được nhập số bằng tay.".into(),
                "A number cannot be set by hand.".into(),
                let_system_vi.into(),
                let_system_en.into(),
            ],
            Self::NumbersExhausted => [
                "Sổ đăng ký đã hết số.".into(),
                "The register has no number left.".into(),
                "Báo quản trị kiểm tra sổ đăng ký.".into(),
                "Have the administrator check the register.".into(),
            ],
            Self::DateNotToday { date, today } => [
                format!("Ngày văn bản {date} không phải ngày phát hành {today}."),
                format!("The date {date} is not the day of issue, {today}."),
                "Không lùi ngày, không ghi trước ngày; bỏ trống để Hệ thống ghi ngày.".into(),
                "Neither back-date nor post-date; leave the date to the System.".into(),
            ],
            Self::DateBeforeLast { date, last } => [
                format!("Ngày {date} trước ngày {last} của số vừa cấp."),
                format!("The day {date} is before {last}, the date of the last number."),
                "Kiểm tra đồng hồ máy chủ.".into(),
                "Check the server's clock.".into(),
            ],
            _ => [
                "Sổ đăng ký được đọc không phải sổ của văn bản này.".into(),
                "The register that was read is not this document's.".into(),
                "Thử lại; nếu còn lỗi, báo quản trị.".into(),
                "Try again; if it persists, tell the administrator.".into(),
            ],
        }
    }

    fn exchange_phrases(&self) -> [String; 4] {
        let complete_vi = "Văn bản phải có số, ngày và tệp trước khi gửi.";
        let complete_en = "A document needs number, date and file before it is sent.";
        match self {
            Self::RecipientUnknown { organ } => [
                format!("Không có cơ quan nhận {organ} trong danh mục."),
                format!("The recipient {organ} is not in the directory."),
                "Kiểm tra mã định danh hoặc gửi bản giấy qua bưu điện.".into(),
                "Check the code, or send it on paper.".into(),
            ],
            Self::RecipientTwice { organ } => [
                format!("Cơ quan nhận {organ} được ghi hai lần."),
                format!("The recipient {organ} is named twice."),
                "Bỏ bớt một dòng nơi nhận.".into(),
                "Remove one of the two.".into(),
            ],
            Self::NoDate => missing("ngày tháng", "date", complete_vi, complete_en),
            Self::NoNumber => missing("số", "number", complete_vi, complete_en),
            Self::NoFile => missing("tệp", "file", complete_vi, complete_en),
            Self::NoRecipient => [
                "Văn bản không có nơi nhận.".into(),
                "The document has no recipient.".into(),
                "Ghi ít nhất một cơ quan nhận.".into(),
                "Name at least one recipient.".into(),
            ],
            Self::MessageCount { needed, given } => [
                format!("Cần {needed} mã thông điệp, nhận được {given}."),
                format!("{needed} message identifiers are needed, {given} were given."),
                "Mỗi nơi nhận cần một mã thông điệp mới.".into(),
                "Each recipient needs one fresh identifier.".into(),
            ],
            Self::DeliveryUnknown { message } => [
                format!("Không có lần gửi nào mang mã {message}."),
                format!("No delivery has the identifier {message}."),
                "Kiểm tra mã thông điệp.".into(),
                "Check the identifier.".into(),
            ],
            Self::NotTheRecipient { from } => [
                format!("Cơ quan {from} không phải nơi nhận của lần gửi này."),
                format!("The organisation {from} is not the recipient of this delivery."),
                "Chỉ nơi nhận được báo trạng thái.".into(),
                "Only the recipient may report on it.".into(),
            ],
            Self::ReasonMissing => [
                "Chưa nêu lý do.".into(),
                "No reason is given.".into(),
                "Ghi rõ lý do để bên gửi biết cách xử lý.".into(),
                "State the reason, so that the other side can act on it.".into(),
            ],
            Self::RegisterInvalidSignature => [
                "Văn bản có chữ ký số không hợp lệ hoặc thiếu chữ ký số.".into(),
                "A signature of the document does not hold or is missing.".into(),
                "Trả lại bên gửi kèm lý do, hoặc ghi nghi vấn và báo người có trách nhiệm (Điều 21).".into(),
                "Return it with the reason, or record the doubt and report it (Article 21).".into(),
            ],
            Self::RegisterWrongAddressee => [
                "Văn bản không gửi cho cơ quan này.".into(),
                "The document is not addressed to this organisation.".into(),
                "Trả lại bên gửi kèm lý do (Điều 21).".into(),
                "Return it with the reason (Article 21).".into(),
            ],
            _ => [
                "Bên gửi thật không trùng với bên gửi ghi trong thông điệp.".into(),
                "The sender is not the organisation the message names.".into(),
                "Trả lại bên gửi kèm lý do, hoặc ghi nghi vấn và báo người có trách nhiệm (Điều 21).".into(),
                "Return it with the reason, or record the doubt and report it (Article 21).".into(),
            ],
        }
    }
}

fn missing(vi: &str, en: &str, hint_vi: &str, hint_en: &str) -> [String; 4] {
    [
        format!("Văn bản chưa có {vi}."),
        format!("The document has no {en}."),
        hint_vi.to_owned(),
        hint_en.to_owned(),
    ]
}
