//! What the rules about changes are called by people (`pades::changes` names them by stable words).

use super::Lang;

/// A change of this kind; of a rule without words here, its stable word.
pub(in crate::report) fn rule_words(rule: &str, lang: Lang) -> &str {
    RULES.iter().find(|row| row.0 == rule).map_or(rule, |row| lang.pick(row.1, row.2))
}

/// Rule, Vietnamese, English.
#[rustfmt::skip]
const RULES: &[(&str, &str, &str)] = &[
    ("annotation_added", "thêm chú thích", "annotation added"),
    ("annotation_appearance", "đổi hình hiển thị của chú thích", "an annotation's appearance changed"),
    ("annotation_changed", "sửa chú thích", "annotation changed"),
    ("annotation_hides_content", "chú thích che chữ đã ký", "an annotation hides signed words"),
    ("annotation_list", "danh sách chú thích của trang", "the page's list of annotations"),
    ("annotation_removed", "gỡ chú thích", "annotation removed"),
    ("appearance", "đổi hình hiển thị", "appearance changed"),
    ("appearance_resource", "đổi thành phần của hình hiển thị", "a part of an appearance changed"),
    ("bytes_after_last_revision", "dữ liệu lạ ở cuối tệp", "foreign bytes at the end of the file"),
    ("catalog_entry", "đổi thiết lập của cả tệp", "a setting of the whole file changed"),
    ("certification_recorded", "ghi nhận chứng nhận", "certification recorded"),
    ("content", "sửa nội dung", "content changed"),
    ("document_information", "thông tin về tệp", "information about the file"),
    ("dss", "bằng chứng xác minh lâu dài", "long-term evidence"),
    ("empty_field_with_appearance", "trường trống có thêm hình", "an empty field got a picture"),
    ("existing_object_made_annotation", "biến đối tượng sẵn có thành chú thích", "an object that was there became an annotation"),
    ("existing_object_made_field", "biến đối tượng sẵn có thành trường", "an object that was there became a field"),
    ("extensions", "phần mở rộng của PDF", "PDF extensions"),
    ("field_appearance", "hình hiển thị của trường", "a field's appearance"),
    ("field_entry", "đổi thuộc tính của trường", "a field's setting changed"),
    ("field_hides_content", "trường che chữ đã ký", "a field hides signed words"),
    ("field_list", "danh sách trường", "the list of fields"),
    ("field_name_taken", "thêm trường trùng tên trường đã có", "a field was added under the name of another"),
    ("field_removed", "gỡ trường", "field removed"),
    ("field_value", "điền trường", "field filled in"),
    ("form_entry", "thiết lập của biểu mẫu", "a setting of the form"),
    ("form_resources", "phông chữ của biểu mẫu", "the form's fonts"),
    ("metadata", "siêu dữ liệu", "metadata"),
    ("new_empty_field_with_appearance", "thêm trường trống có hình", "an empty field with a picture was added"),
    ("new_field", "thêm trường", "field added"),
    ("object_stream_replaced", "thay khối đối tượng", "a block of objects was replaced"),
    ("page", "sửa trang", "page changed"),
    ("permissions", "đổi quyền", "permissions changed"),
    ("signature_added", "thêm chữ ký", "signature added"),
    ("signature_field_added", "thêm trường chữ ký", "signature field added"),
    ("signature_flags", "cờ báo có chữ ký", "the flag that there are signatures"),
    ("signature_hides_content", "chữ ký mới che chữ đã ký", "a new signature hides signed words"),
    ("signature_value", "đổi giá trị chữ ký", "a signature value changed"),
    ("signature_value_reused", "dùng lại đối tượng cũ làm chữ ký", "an old object was used as a signature"),
    ("signed_field", "đổi trường đã ký", "a signed field changed"),
    ("structure_element", "sửa cấu trúc dành cho trợ năng", "structure for accessibility changed"),
    ("structure_form_element", "thêm trường vào cấu trúc dành cho trợ năng", "a field in the structure for accessibility"),
    ("structure_parent_tree", "mục lục của cấu trúc dành cho trợ năng", "the index of the structure for accessibility"),
    ("structure_tree", "gốc của cấu trúc dành cho trợ năng", "the root of the structure for accessibility"),
    ("tab_order", "thứ tự di chuyển giữa các trường", "the order of the fields"),
    ("time_stamp_added", "thêm dấu thời gian", "time stamp added"),
    ("trailer_entry", "đổi phần cuối của tệp", "the end of the file changed"),
    ("version", "phiên bản PDF", "PDF version"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that `other(…, "word")`, `note(…, "word", …)`, `push(…, "word", …)` and `rule: "word"` give.
    fn rules(source: &str) -> Vec<&str> {
        let code = source.split("#[cfg(test)]").next().unwrap();
        let calls = code
            .split(".other(")
            .chain(code.split(".note("))
            .chain(code.split(".push("))
            .chain(code.split("rule: "));
        let words = calls.filter_map(|call| call.split(';').next()?.split('"').nth(1));
        words
            .filter(|word| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            .collect()
    }

    #[test]
    fn every_rule_has_words_in_both_languages() {
        let sources = [
            include_str!("../../pades/changes/rules.rs"),
            include_str!("../../pades/changes/catalog.rs"),
            include_str!("../../pades/changes/structure.rs"),
            include_str!("../../pades/changes/permission.rs"),
            include_str!("../../verify/changes.rs"),
        ];
        let found: Vec<&str> = sources.iter().flat_map(|source| rules(source)).collect();
        assert!(found.len() > 40, "{found:?}");
        for rule in found {
            for lang in [Lang::Vi, Lang::En] {
                assert!(RULES.iter().any(|row| row.0 == rule), "{rule} has no words ({lang:?})");
            }
        }
        assert_eq!(rule_words("no_such_rule", Lang::Vi), "no_such_rule");
    }
}
