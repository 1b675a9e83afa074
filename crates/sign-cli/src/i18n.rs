//! The words of this program, Vietnamese and English, and which language is spoken.
//!
//! Words about documents and signatures come from `sign_core::report::words`; here are those about
//! arguments, places and the server.

use crate::args::LangArg;
use crate::failure::Failure;
use sign_core::report::model::ErrorWords;
use sign_core::report::words::{self, Lang};

/// The language asked for, else that of LC_ALL, LC_MESSAGES or LANG; English if none is known.
pub(crate) fn language(asked: Option<LangArg>) -> Lang {
    match asked {
        Some(LangArg::Vi) => Lang::Vi,
        Some(LangArg::En) => Lang::En,
        None => language_of(|name| std::env::var(name).ok()),
    }
}

/// POSIX: the first of the three that is set and not empty decides.
fn language_of(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let set =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|n| variable(n).filter(|v| !v.is_empty()));
    set.and_then(|value| Lang::from_code(&value)).unwrap_or(Lang::En)
}

/// The sentences for a failure.
pub(crate) fn words_of(failure: &Failure) -> ErrorWords {
    if let Some(words) = &failure.words {
        return (**words).clone();
    }
    let Some((_, message_vi, message_en, hint_vi, hint_en)) = ROWS.iter().find(|r| r.0 == failure.code)
    else {
        return words::error(&failure.code, &failure.detail);
    };
    let with_detail = |message: &str| match failure.detail.as_str() {
        "" => message.to_owned(),
        detail => format!("{message}: {detail}"),
    };
    ErrorWords {
        code: failure.code.clone(),
        message_vi: with_detail(message_vi),
        message_en: with_detail(message_en),
        hint_vi: (*hint_vi).to_owned(),
        hint_en: (*hint_en).to_owned(),
    }
}

type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Code, problem in both languages, hint in both languages.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("bad_arguments",
        "Tham số không đúng", "The arguments are not right",
        "Xem `sign-cli --help` và `sign-cli LỆNH --help`.", "See `sign-cli --help` and `sign-cli COMMAND --help`."),
    ("report_of_several",
        "Mỗi lần chỉ ghi được báo cáo của một tệp", "A report is written of one file at a time",
        "Gọi lại cho từng tệp, mỗi tệp một --out.", "Call once for each file, each with its own --out."),
    ("report_not_made",
        "Không lập được báo cáo dạng PDF", "The PDF of the report could not be made",
        "Dùng --report html, và báo lỗi này cho nhóm phát triển.", "Use --report html, and tell the developers."),
    ("pin_missing",
        "Chưa có mã PIN", "There is no PIN",
        "Dùng --pin-file TỆP hoặc biến môi trường SIGN_PIN.", "Use --pin-file FILE or the variable SIGN_PIN."),
    ("not_tried",
        "Chưa ký, vì khóa đã báo lỗi ở tệp trước", "Not tried, because the key failed at a file before",
        "Sửa lỗi của khóa rồi ký lại các tệp còn lại.", "Mend what the key said, then sign the remaining files."),
    ("settings_unreadable",
        "Không đọc được cấu hình dịch vụ ký số", "The settings for the signing service cannot be read",
        "Xem docs/remote-keys.md về các mục cần có.", "See docs/remote-keys.md for what belongs in them."),
    ("cannot_listen",
        "Không mở được địa chỉ để chờ kết nối", "The address cannot be listened at",
        "Chọn cổng khác hoặc dừng chương trình đang dùng cổng này.", "Choose another port or stop the program that uses this one."),
    ("place_unclear",
        "Chưa rõ vị trí đặt chữ ký", "It is not clear where the signature goes",
        "Cho cả --page và --rect, hoặc chỉ --anchor.", "Give both --page and --rect, or --anchor alone."),
    ("field_unclear",
        "Trường đã có thì không đặt lại vị trí", "An existing field has its place already",
        "Bỏ --page, --rect và --anchor, hoặc đặt tên trường mới.", "Leave out --page, --rect and --anchor, or give a new field name."),
    ("anchor_already_filled",
        "Vị trí này đã có số", "There are digits at that place already",
        "Để trống số và ngày trong dự thảo, hoặc chỉ rõ vị trí.", "Leave number and date blank in the draft, or give the place."),
    ("anchor_too_small",
        "Chỗ trống quá hẹp", "The blank is too small",
        "Nới khoảng trống trong dự thảo, hoặc chỉ rõ vị trí.", "Widen the blank in the draft, or give the place."),
    ("no_message_json",
        "message.json không mô tả một thông điệp", "message.json does not describe a message",
        "Dùng thư mục do `sign-cli edxml unpack` ghi ra.", "Use a folder that `sign-cli edxml unpack` wrote."),
    ("server_unreachable",
        "Không kết nối được máy chủ", "The server cannot be reached",
        "Kiểm tra --server và máy chủ có đang chạy không.", "Check --server and that it is running."),
    ("server_refused",
        "Máy chủ từ chối", "The server refused",
        "Kiểm tra --server có đúng là sign-server không.", "Check that --server names a sign-server."),
    ("api_key_unreadable",
        "Không có khóa API trong tệp này", "There is no API key in that file",
        "Ghi khóa API ở dòng đầu của tệp.", "Write the API key on the first line of the file."),
    ("server_answer_unreadable",
        "Không đọc được câu trả lời của máy chủ", "The server's answer cannot be read",
        "Kiểm tra --server có đúng là sign-server không.", "Check that --server names a sign-server."),
    ("nothing_kept",
        "Không lưu thông tin nào kèm theo tài liệu này", "Nothing is kept about this document",
        "Xem `sign-cli kept list THƯ_MỤC`; tài liệu phải đúng bản đã ký hoặc đã kiểm tra.", "See `sign-cli kept list FOLDER`; it has to be the very file that was signed or checked."),
    ("kept_foreign_file",
        "Trong thư mục có tệp không do chương trình này ghi; chưa xoá gì", "There is a file that this program did not put there; nothing was deleted",
        "Chuyển tệp đó đi rồi xoá lại.", "Move that file away, then delete again."),
    ("kept_not_accessible",
        "Không truy cập được thông tin đã lưu", "What is kept cannot be reached",
        "Kiểm tra đường dẫn và quyền truy cập.", "Check the path and the permissions."),
    ("nothing_signed",
        "Tệp không có chữ ký nào ký trọn một lần lưu, nên chưa biết so sánh với gì", "No signature signs a whole revision, so there is nothing to compare with",
        "Cho biết lần lưu bằng --revision; xem các lần lưu bằng `sign-cli inspect TỆP`.", "Name a revision with --revision; `sign-cli inspect FILE` lists them."),
    ("no_such_revision",
        "Không có lần lưu này trong tệp", "There is no such revision in the file",
        "Xem các lần lưu bằng `sign-cli inspect TỆP`.", "`sign-cli inspect FILE` lists the revisions."),
    ("no_such_signature",
        "Không có trường chữ ký đã ký trọn một lần lưu với tên này", "No signature field of this name signs a whole revision",
        "Xem tên các trường bằng `sign-cli fields TỆP`.", "`sign-cli fields FILE` lists the names."),
    ("not_json",
        "Nội dung không phải JSON", "This is not JSON",
        "Kiểm tra lại tệp hoặc tham số.", "Check the file or the argument."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let cases = [
            (&[("LANG", "vi_VN.UTF-8")][..], Lang::Vi),
            (&[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "C")], Lang::En),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", ""), ("LC_MESSAGES", "vi")], Lang::Vi),
            (&[("LANG", "fr_FR")], Lang::En),
            (&[], Lang::En),
        ];
        for (set, expected) in cases {
            let found = language_of(|name| set.iter().find(|v| v.0 == name).map(|v| v.1.to_owned()));
            assert_eq!(found, expected, "{set:?}");
        }
    }

    #[test]
    fn every_row_is_complete_and_named_once() {
        for (i, row) in ROWS.iter().enumerate() {
            assert!([row.1, row.2, row.3, row.4].iter().all(|text| !text.is_empty()), "{}", row.0);
            assert!(ROWS.iter().skip(i + 1).all(|other| other.0 != row.0), "{} twice", row.0);
        }
    }
}
