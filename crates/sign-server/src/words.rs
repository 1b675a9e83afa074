//! Sentences of this server's own codes, in Vietnamese and English: problem and hint.
//!
//! Codes of PDFs, signatures and keys have theirs in `sign_core::report::words`, refusals in
//! `circulation::refusal`.

use sign_core::report::model::ErrorWords;

/// code, problem vi, problem en, hint vi, hint en.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        "malformed_request",
        "Không hiểu được yêu cầu.",
        "The request is not understood.",
        "Xem detail và mô tả tại /openapi.json.",
        "See detail, and the description at /openapi.json.",
    ),
    (
        "unauthenticated",
        "Chưa xác định được người gọi.",
        "It is not known who is asking.",
        "Gửi đầu mục Authorization: Bearer KHÓA-API còn hiệu lực.",
        "Send the header Authorization: Bearer API-KEY with a key that is in force.",
    ),
    (
        "role_missing",
        "Khóa API này không có vai trò cần cho việc này.",
        "This API key does not have the role this needs.",
        "Dùng khóa của người có vai trò nêu ở detail, hoặc nhờ quản trị cấp.",
        "Use the key of somebody with the role named in detail, or ask the administrator for one.",
    ),
    (
        "not_key_holder",
        "Khóa ký này không thuộc về người gọi.",
        "This signing key does not belong to the caller.",
        "Chỉ người giữ khóa mới được ký bằng khóa đó; dùng khóa ký của chính mình.",
        "Only its holder may sign with a key; use your own.",
    ),
    (
        "pin_resting",
        "Khóa ký này tạm nghỉ vì nhập sai mã PIN nhiều lần liên tiếp.",
        "This signing key rests after several wrong PINs in a row.",
        "Chờ 5 phút rồi thử lại với mã PIN đúng; nếu không phải bạn đã thử, báo quản trị.",
        "Wait 5 minutes and try again with the right PIN; if it was not you, tell the administrator.",
    ),
    (
        "wrong_key_class",
        "Chứng thư của khóa này không thuộc loại mà bước này cần.",
        "The certificate of this key is not of the kind this step needs.",
        "Lãnh đạo ký bằng chứng thư cá nhân; đóng dấu bằng chứng thư của cơ quan, tổ chức.",
        "Leaders sign with a personal certificate; seals are made with the organisation's.",
    ),
    (
        "sender_is_not_peer",
        "Nơi gửi ghi trong gói tin không phải là cơ quan sở hữu khóa API.",
        "The sender in the message is not the organisation that owns the API key.",
        "Mỗi cơ quan chỉ gửi gói tin mang tên chính mình, bằng khóa được cấp cho mình.",
        "Each organisation sends only in its own name, with the key it was given.",
    ),
    (
        "not_found",
        "Không có đối tượng này trong phạm vi của khóa API.",
        "There is no such thing within the scope of this API key.",
        "Kiểm tra mã định danh và cơ quan của khóa đang dùng.",
        "Check the id, and the organisation of the key in use.",
    ),
    (
        "no_such_route",
        "Không có địa chỉ này.",
        "There is nothing at this address.",
        "Danh sách địa chỉ ở /openapi.json.",
        "All addresses are listed at /openapi.json.",
    ),
    (
        "method_not_allowed",
        "Địa chỉ này không nhận phương thức đó.",
        "This address does not take that method.",
        "Danh sách phương thức ở /openapi.json.",
        "All methods are listed at /openapi.json.",
    ),
    (
        "body_too_large",
        "Nội dung gửi lên vượt quá giới hạn.",
        "The request body exceeds the limit.",
        "Giảm dung lượng tệp, hoặc nhờ quản trị tăng max_body_mib.",
        "Send a smaller file, or ask the operator to raise max_body_mib.",
    ),
    (
        "timed_out",
        "Yêu cầu chạy quá thời hạn và đã bị dừng.",
        "The request took too long and was stopped.",
        "Thử lại; nếu lặp lại, chia nhỏ hoặc nhờ quản trị tăng thời hạn.",
        "Try again; if it repeats, ask the operator to raise the limit.",
    ),
    (
        "busy",
        "Máy chủ đang quá tải.",
        "The server has too much work right now.",
        "Gửi lại yêu cầu này sau ít giây.",
        "Send the same request again in a few seconds.",
    ),
    (
        "internal",
        "Lỗi của máy chủ.",
        "A fault of the server.",
        "Báo quản trị kèm mã request_id; chi tiết có trong nhật ký.",
        "Tell the operator the request_id; details are in the log.",
    ),
    (
        "disk_full",
        "Máy chủ hết dung lượng lưu trữ; chưa có gì được ghi.",
        "The server has no space left; nothing was written.",
        "Báo quản trị giải phóng dung lượng rồi gửi lại.",
        "Ask the operator to free space, then send it again.",
    ),
    (
        "conflict",
        "Yêu cầu trái với điều đã được ghi.",
        "The request contradicts what is already recorded.",
        "Đọc lại trạng thái hiện tại rồi quyết định.",
        "Read the present state again, then decide.",
    ),
    (
        "idempotency_key_reused",
        "Idempotency-Key này đã dùng cho một yêu cầu có nội dung khác.",
        "This Idempotency-Key was used for a request with another body.",
        "Mỗi yêu cầu mới dùng một khóa mới; gửi lại thì giữ nguyên nội dung.",
        "Use a new key for each new request; when repeating one, keep its body.",
    ),
    (
        "idempotency_key_in_use",
        "Yêu cầu cùng Idempotency-Key này đang được xử lý.",
        "A request with this Idempotency-Key is still being worked on.",
        "Chờ rồi gửi lại để nhận cùng một câu trả lời.",
        "Wait, then repeat it to get the same answer.",
    ),
    (
        "already_completed",
        "Chữ ký này đã được hoàn tất trước đó.",
        "This signature was completed before.",
        "Mỗi lần chuẩn bị chỉ hoàn tất được một lần; gửi kèm Idempotency-Key để nhận lại câu trả lời khi mất kết nối.",
        "A prepared signature is completed once; send an Idempotency-Key to get the same answer again after a lost connection.",
    ),
    (
        "message_id_reused",
        "Mã gói tin này đã dùng cho một gói tin có nội dung khác.",
        "This message id was used for a message with another content.",
        "Gói tin mới cần mã mới.",
        "A new message needs a new id.",
    ),
    (
        "unknown_document",
        "Gói trạng thái nhắc đến văn bản mà cơ quan này chưa từng gửi đi.",
        "The status speaks of a document this organisation never sent.",
        "Kiểm tra ResponseFor/DocumentId.",
        "Check ResponseFor/DocumentId.",
    ),
    (
        "bad_certificate",
        "Không đọc được chứng thư.",
        "The certificate could not be read.",
        "Gửi chứng thư X.509 dạng PEM.",
        "Send an X.509 certificate as PEM.",
    ),
    (
        "signature_not_valid_after_signing",
        "Chữ ký vừa tạo không qua được bước tự kiểm tra; văn bản chưa bị thay đổi.",
        "The signature just made did not pass our own check; the document is unchanged.",
        "Kiểm tra chứng thư của khóa và danh sách tin cậy của máy chủ; xem detail.",
        "Check the key's certificate and the server's trust anchors; see detail.",
    ),
    (
        "unsupported_scheme",
        "Địa chỉ trao đổi phải bắt đầu bằng http://.",
        "The exchange address must begin with http://.",
        "Bản này chưa nói TLS: đặt proxy ngược có TLS ở hai đầu và trỏ tới http:// nội bộ.",
        "This version does not speak TLS: put a TLS reverse proxy at both ends and point to its local http://.",
    ),
    (
        "no_peer_key",
        "Chưa có khóa API do cơ quan nhận cấp, nên chưa gửi được.",
        "There is no API key from the receiving organisation, so nothing can be sent to it.",
        "Quản trị nhập khóa đó khi khai báo cơ quan (peer_api_key).",
        "The administrator enters it with the organisation (peer_api_key).",
    ),
];

/// The sentences of a code. A code without a row gets itself as its sentence; a test keeps this from
/// happening to the codes made in this crate.
pub fn of(code: &str) -> ErrorWords {
    let row = ROWS.iter().find(|row| row.0 == code);
    let (_, vi, en, hint_vi, hint_en) = row.copied().unwrap_or(("", "", "", "", ""));
    let or_code = |text: &str| if text.is_empty() { code.to_owned() } else { text.to_owned() };
    ErrorWords {
        code: code.to_owned(),
        message_vi: or_code(vi),
        message_en: or_code(en),
        hint_vi: hint_vi.to_owned(),
        hint_en: hint_en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_complete_and_no_code_has_two() {
        for (at, row) in ROWS.iter().enumerate() {
            for text in [row.1, row.2, row.3, row.4] {
                assert!(text.ends_with('.'), "{}: {text}", row.0);
            }
            assert!(ROWS.iter().skip(at + 1).all(|other| other.0 != row.0), "{} twice", row.0);
        }
    }

    /// Codes written in this crate's source as the first text of a failure.
    fn codes_in(text: &str) -> Vec<String> {
        let makers = ["Failure::forbidden(", "Failure::unusable(", "Failure::conflict("];
        let after = |maker: &str| text.split(maker).skip(1).map(str::to_owned).collect::<Vec<_>>();
        let mut rests: Vec<String> = makers.iter().flat_map(|maker| after(maker)).collect();
        rests.extend(
            after("Failure::new(").iter().filter_map(|rest| Some(rest.split_once(',')?.1.to_owned())),
        );
        let quoted = |rest: &String| Some(rest.trim_start().strip_prefix('"')?.split('"').next()?.to_owned());
        rests.iter().filter_map(quoted).collect()
    }

    #[test]
    fn every_code_of_this_crate_has_its_sentences() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                    continue;
                }
                // This file only talks about the makers.
                if entry.ends_with("words.rs") {
                    continue;
                }
                for code in codes_in(&std::fs::read_to_string(&entry).unwrap_or_default()) {
                    seen += 1;
                    assert!(ROWS.iter().any(|row| row.0 == code), "{code} in {} has no row", entry.display());
                }
            }
        }
        assert!(seen > 20, "only {seen} codes found: the search is broken");
    }
}
