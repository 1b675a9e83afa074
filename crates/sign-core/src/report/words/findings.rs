//! The table of findings: weight and sentence, Vietnamese and English.

use crate::verdict::Severity::{self, Error, Info, Warning};

/// The words of one code.
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) vi: &'static str,
    pub(super) en: &'static str,
}

pub(super) fn row(code: &str) -> &'static Row {
    TABLE.iter().find(|row| row.code == code).unwrap_or(&UNKNOWN)
}

/// For what the readers of PDF, CMS and certificates tolerate: their codes are theirs.
const UNKNOWN: Row = Row {
    code: "unusual",
    severity: Warning,
    vi: "Có điều bất thường trong cấu trúc tệp",
    en: "Something in the file's structure is unusual",
};

const fn words(code: &'static str, severity: Severity, vi: &'static str, en: &'static str) -> Row {
    Row { code, severity, vi, en }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    // Format.
    words("byte_range_malformed", Error,
        "Vùng byte được ký (ByteRange) sai quy cách", "The signed byte range is not what the standard allows"),
    words("contents_malformed", Error,
        "Giá trị chữ ký (Contents) thiếu hoặc sai quy cách", "The signature value (Contents) is missing or malformed"),
    words("contents_gap_mismatch", Error,
        "Khoảng không được ký không trùng với giá trị của chính chữ ký này", "The unsigned gap is not exactly this signature's own value"),
    words("cms_malformed", Error,
        "Dữ liệu chữ ký (CMS) bị hỏng", "The signature data (CMS) is damaged"),
    words("cms_not_detached", Error,
        "Dữ liệu chữ ký mang theo nội dung khác ngoài tệp PDF", "The signature data carries content of its own besides the PDF"),
    words("several_signers", Error,
        "Một giá trị chữ ký chứa nhiều người ký", "One signature value holds several signers"),
    words("signed_attributes_missing", Error,
        "Chữ ký không có các thuộc tính bắt buộc", "The signature lacks the required signed attributes"),
    words("content_type_wrong", Error,
        "Kiểu nội dung được ký không đúng", "The signed content type is wrong"),
    words("sub_filter_unsupported", Warning,
        "Loại chữ ký này chưa được hỗ trợ ở phiên bản này, nên chưa kết luận", "This kind of signature is not supported in this version, so it was not judged"),
    words("algorithm_unsupported", Warning,
        "Thuật toán của chữ ký chưa được hỗ trợ, nên chưa kết luận", "The signature's algorithm is not supported, so it was not judged"),
    words("not_examined", Warning,
        "Không kiểm tra được hết chữ ký", "The signature could not be examined to the end"),
    // Integrity.
    words("digest_mismatch", Error,
        "Nội dung đã bị thay đổi sau khi ký", "The content was changed after signing"),
    words("signature_bad", Error,
        "Giá trị chữ ký không khớp với khoá của người ký", "The signature value does not fit the signer's key"),
    words("coverage_partial", Error,
        "Chữ ký không phủ hết nội dung của lần lưu mà nó ký", "The signature does not cover all of the revision it signs"),
    words("changes_not_allowed", Error,
        "Sau khi ký có thay đổi không được phép", "There are changes after signing that are not allowed"),
    words("form_filled_after", Info,
        "Sau khi ký có điền biểu mẫu hoặc ký thêm, được phép", "Form fields were filled or signatures added after signing, which is allowed"),
    words("annotated_after", Info,
        "Sau khi ký có thêm chú thích, được chứng nhận cho phép", "Annotations were added after signing, which the certification allows"),
    words("evidence_added_after", Info,
        "Sau khi ký có thêm dữ liệu xác minh lâu dài", "Long-term evidence was added after signing"),
    words("changes_not_examined", Error,
        "Không đối chiếu được các thay đổi sau khi ký", "The changes after signing could not be compared"),
    // Signing certificate.
    words("signing_certificate_not_found", Error,
        "Không có chứng thư số của người ký trong chữ ký", "The signer's certificate is not in the signature"),
    words("signing_certificate_mismatch", Error,
        "Chứng thư số trong chữ ký không phải chứng thư số mà người ký đã cam kết", "The certificate in the signature is not the one the signer committed to"),
    words("signing_certificate_reference_missing", Error,
        "Chữ ký không cam kết chứng thư số nào (thiếu thuộc tính signing-certificate)", "The signature commits to no certificate (no signing-certificate attribute)"),
    words("signing_certificate_not_committed", Info,
        "Chữ ký kiểu cũ, không cam kết chứng thư số", "An older kind of signature that does not commit to its certificate"),
    words("key_usage_wrong", Error,
        "Chứng thư số không được cấp để ký văn bản", "The certificate was not issued for signing documents"),
    words("certificate_expired", Error,
        "Chứng thư số đã hết hạn tại thời điểm kiểm tra và không có dấu thời gian", "The certificate had expired at the time of judgement and there is no time stamp"),
    words("certificate_not_yet_valid", Error,
        "Chứng thư số chưa có hiệu lực tại thời điểm kiểm tra", "The certificate was not yet valid at the time of judgement"),
    // Chain and status.
    words("no_trust_anchors", Error,
        "Chưa có chứng thư số gốc tin cậy nào để đối chiếu", "No trusted root certificate was given to check against"),
    words("no_chain", Error,
        "Không nối được chứng thư số tới một chứng thư số gốc tin cậy", "The certificate does not lead to a trusted root"),
    words("chain_invalid", Error,
        "Đường dẫn chứng thư số không hợp lệ", "The certificate path is not valid"),
    words("revocation_not_checked", Warning,
        "Chưa kiểm tra tình trạng thu hồi của chứng thư số; chính sách này cho qua kèm cảnh báo", "The certificate's status was not checked; this policy passes it with this warning"),
    words("revocation_required", Error,
        "Chưa kiểm tra tình trạng thu hồi của chứng thư số mà chính sách này đòi hỏi", "The certificate's status was not checked, which this policy demands"),
    // Algorithms.
    words("algorithm_weak", Error,
        "Thuật toán không còn an toàn; điều này không có nghĩa chữ ký bị giả mạo", "The algorithm is no longer safe; this does not mean that the signature is forged"),
    words("algorithm_not_listed", Warning,
        "Thuật toán an toàn nhưng không có trong danh mục của TT 15/2025/TT-BKHCN", "The algorithm is sound but not on the list of TT 15/2025/TT-BKHCN"),
    // Time.
    words("time_not_proven", Info,
        "Thời điểm ký do người ký khai, không có dấu thời gian", "The signing time is the signer's own claim; there is no time stamp"),
    words("claimed_time_missing", Warning,
        "Chữ ký không ghi thời điểm ký", "The signature states no signing time"),
    words("claimed_time_unreadable", Warning,
        "Thời điểm ký ghi sai quy cách", "The stated signing time is malformed"),
    words("claimed_time_in_future", Warning,
        "Thời điểm ký được khai muộn hơn thời điểm kiểm tra", "The stated signing time is later than the time of judgement"),
    words("claimed_time_outside_validity", Error,
        "Thời điểm ký được khai nằm ngoài thời hạn của chứng thư số", "The stated signing time is outside the certificate's validity"),
    words("signing_time_attribute", Info,
        "Thời điểm ký nằm trong CMS, trái với mức B-B của PAdES", "The signing time is inside the CMS, which PAdES level B-B does not allow"),
    words("time_stamp_not_checked", Info,
        "Có dấu thời gian nhưng phiên bản này chưa kiểm tra nó", "There is a time stamp, which this version does not check yet"),
    // Fields and the document.
    words("value_shared", Error,
        "Nhiều trường chữ ký dùng chung một giá trị", "Several signature fields share one value"),
    words("certification_not_in_force", Warning,
        "Chữ ký tự nhận là chứng nhận nhưng tệp không ghi nhận như vậy", "The signature calls itself a certification but the document does not record it so"),
    words("bytes_after_last_revision", Warning,
        "Có dữ liệu lạ sau phần cuối của tệp", "There are foreign bytes after the end of the document"),
    words("whitespace_after_last_revision", Info,
        "Có khoảng trắng sau phần cuối của tệp", "There is white space after the end of the document"),
    words("unreachable_objects_added", Info,
        "Sau khi ký có thêm đối tượng không được dùng đến", "Objects that nothing uses were added after signing"),
    words("too_many_signatures", Error,
        "Có nhiều chữ ký hơn giới hạn; số còn lại chưa được kiểm tra", "There are more signatures than the limit; the rest was not examined"),
    words("fields_not_examined", Warning,
        "Không đọc được hết các trường của biểu mẫu", "Not all form fields could be read"),
    words("signature_removed", Error,
        "Một chữ ký có ở lần lưu trước đã bị gỡ khỏi tệp", "A signature of an earlier revision was removed from the document"),
    // Why a document is not a complete official one (NĐ 30/2020 Điều 5).
    words("no_valid_personal_signature", Warning,
        "Không có chữ ký số hợp lệ của người có thẩm quyền", "There is no valid signature of a competent person"),
    words("no_valid_organisation_signature", Warning,
        "Không có chữ ký số hợp lệ của cơ quan, tổ chức", "There is no valid signature of an organisation"),
    words("some_signature_not_valid", Warning,
        "Có chữ ký không hợp lệ hoặc chưa kết luận được", "At least one signature is invalid or undecided"),
    words("not_whole_file", Warning,
        "Không có chữ ký nào phủ toàn bộ tệp", "No signature covers the whole file"),
];
