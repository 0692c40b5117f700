//! A spreadsheet as an uncompressed ZIP of the few parts it needs.

/// The rest of a cell that holds a text, from its attributes on. XML has no
/// carriage returns, so a workbook writes them out, and what looks like that.
pub(crate) fn inline(text: &str) -> String {
    let text = text.replace("_x", "_x005F_x").replace('\r', "_x000D_");
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    let text = text.replace('<', "&lt;");
    format!("t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is>")
}

/// A workbook with one sheet of these rows.
pub(crate) fn workbook(rows: &str) -> Vec<u8> {
    workbook_of(&format!("<sheetData>{rows}</sheetData>"), "")
}

/// A workbook with one sheet that holds these elements; `settings` stand in
/// front of the list of sheets.
pub(crate) fn workbook_of(sheet: &str, settings: &str) -> Vec<u8> {
    workbook_of_sheets(&[("Rows", sheet)], settings)
}

/// A workbook with sheets of these names that hold these elements.
pub(crate) fn workbook_of_sheets(sheets: &[(&str, &str)], settings: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let numbered = || (1..).zip(sheets);
    let listed: String = numbered()
        .map(|(id, (name, _))| {
            format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>")
        })
        .collect();
    let workbook = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\">{settings}<sheets>{listed}</sheets></workbook>"
    );
    // Style 1 shows a number as a date.
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/>\
         <xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>"
    );
    let links = |targets: &[(&str, &str)]| {
        let links: String = (1..)
            .zip(targets)
            .map(|(id, (kind, target))| {
                format!(
                    "<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>"
                )
            })
            .collect();
        format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{links}</Relationships>")
    };
    let types = format!("<Types xmlns=\"{PACKAGE}/content-types\"/>");
    let places: Vec<String> = numbered()
        .map(|(id, _)| format!("worksheets/sheet{id}.xml"))
        .collect();
    let mut targets: Vec<(&str, &str)> = { places.iter() }
        .map(|place| ("worksheet", place.as_str()))
        .collect();
    targets.push(("styles", "styles.xml"));
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), types),
        (
            "_rels/.rels".to_owned(),
            links(&[("officeDocument", "xl/workbook.xml")]),
        ),
        ("xl/workbook.xml".to_owned(), workbook),
        ("xl/_rels/workbook.xml.rels".to_owned(), links(&targets)),
        ("xl/styles.xml".to_owned(), styles),
    ];
    for (place, (_, sheet)) in places.iter().zip(sheets) {
        let sheet = format!("<worksheet xmlns=\"{MAIN}\">{sheet}</worksheet>");
        files.push((format!("xl/{place}"), sheet));
    }
    zip(&files)
}

/// An uncompressed ZIP archive.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in files {
        let offset = archive.len() as u32;
        let size = content.len() as u32;
        // Version, flags, method, time and date; checksum and sizes; lengths.
        let mut common = Vec::new();
        common.extend([20_u16, 0, 0, 0, 0x21].map(u16::to_le_bytes).concat());
        common.extend(
            [crc32(content.as_bytes()), size, size]
                .map(u32::to_le_bytes)
                .concat(),
        );
        common.extend([name.len() as u16, 0].map(u16::to_le_bytes).concat());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.bytes());
        archive.extend(content.bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0_u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.bytes());
    }
    let start = archive.len() as u32;
    let count = files.len() as u16;
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([count, count].map(u16::to_le_bytes).concat());
    archive.extend(
        [directory.len() as u32, start]
            .map(u32::to_le_bytes)
            .concat(),
    );
    archive.extend([0_u8; 2]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    })
}
