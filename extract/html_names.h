/* html_names.h - the tags that the HTML standard treats in some way of their own, and how.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One row is one tag. tools/html-tables reads the rows and writes the hash table by which a
 * name finds its number (html_tables.c); html_tree reads the flags. Source: WHATWG HTML,
 * "the stack of open elements", "parsing elements", "generate implied end tags".
 */
#ifndef EXTRACT_HTML_NAMES_H
#define EXTRACT_HTML_NAMES_H

enum {
    SPECIAL = 1,          /* stops the search of an end tag for its start */
    SCOPE = 2,            /* borders of "in scope", all variants but select's */
    TABLE_SCOPE = 4,
    FORMATTING = 8,       /* is opened again in the next block when left open */
    IMPLIED = 16,         /* its end tag may be left out */
    IMPLIED_THOROUGH = 32,
    VOID = 64,            /* never has content */
    HEADING = 128,
};

#define HTML_TAGS(X) \
    X(html, SPECIAL | SCOPE | TABLE_SCOPE) X(head, SPECIAL) X(body, SPECIAL) X(title, SPECIAL) X(base, SPECIAL | VOID) \
    X(link, SPECIAL | VOID) X(meta, SPECIAL | VOID) X(style, SPECIAL) X(script, SPECIAL) X(noscript, SPECIAL) \
    X(template, SPECIAL | SCOPE | TABLE_SCOPE) X(basefont, SPECIAL | VOID) X(bgsound, SPECIAL | VOID) X(noframes, SPECIAL) \
    X(frameset, SPECIAL) X(frame, SPECIAL | VOID) \
    X(address, SPECIAL) X(article, SPECIAL) X(aside, SPECIAL) X(blockquote, SPECIAL) X(center, SPECIAL) X(details, SPECIAL) \
    X(dialog, 0) X(dir, SPECIAL) X(div, SPECIAL) X(dl, SPECIAL) X(fieldset, SPECIAL) X(figcaption, SPECIAL) \
    X(figure, SPECIAL) X(footer, SPECIAL) X(header, SPECIAL) X(hgroup, SPECIAL) X(main, SPECIAL) X(menu, SPECIAL) \
    X(nav, SPECIAL) X(ol, SPECIAL) X(ul, SPECIAL) X(p, SPECIAL | IMPLIED | IMPLIED_THOROUGH) X(search, SPECIAL) X(section, SPECIAL) X(summary, SPECIAL) \
    X(h1, SPECIAL | HEADING) X(h2, SPECIAL | HEADING) X(h3, SPECIAL | HEADING) X(h4, SPECIAL | HEADING) \
    X(h5, SPECIAL | HEADING) X(h6, SPECIAL | HEADING) \
    X(pre, SPECIAL) X(listing, SPECIAL) X(form, SPECIAL) X(li, SPECIAL | IMPLIED | IMPLIED_THOROUGH) \
    X(dd, SPECIAL | IMPLIED | IMPLIED_THOROUGH) X(dt, SPECIAL | IMPLIED | IMPLIED_THOROUGH) X(plaintext, SPECIAL) X(button, SPECIAL) \
    X(a, FORMATTING) X(b, FORMATTING) X(big, FORMATTING) X(code, FORMATTING) X(em, FORMATTING) X(font, FORMATTING) \
    X(i, FORMATTING) X(s, FORMATTING) X(small, FORMATTING) X(strike, FORMATTING) X(strong, FORMATTING) X(tt, FORMATTING) \
    X(u, FORMATTING) X(nobr, FORMATTING) \
    X(applet, SPECIAL | SCOPE) X(marquee, SPECIAL | SCOPE) X(object, SPECIAL | SCOPE) \
    X(table, SPECIAL | SCOPE | TABLE_SCOPE) X(caption, SPECIAL | SCOPE | IMPLIED_THOROUGH) X(colgroup, SPECIAL | IMPLIED_THOROUGH) \
    X(col, SPECIAL | VOID) X(tbody, SPECIAL | IMPLIED_THOROUGH) X(thead, SPECIAL | IMPLIED_THOROUGH) \
    X(tfoot, SPECIAL | IMPLIED_THOROUGH) X(tr, SPECIAL | IMPLIED_THOROUGH) X(td, SPECIAL | SCOPE | IMPLIED_THOROUGH) \
    X(th, SPECIAL | SCOPE | IMPLIED_THOROUGH) \
    X(area, SPECIAL | VOID) X(br, SPECIAL | VOID) X(embed, SPECIAL | VOID) X(img, SPECIAL | VOID) X(image, 0) X(keygen, SPECIAL | VOID) \
    X(wbr, SPECIAL | VOID) X(input, SPECIAL | VOID) X(param, SPECIAL | VOID) X(source, SPECIAL | VOID) X(track, SPECIAL | VOID) \
    X(hr, SPECIAL | VOID) X(textarea, SPECIAL) X(xmp, SPECIAL) X(iframe, SPECIAL) X(noembed, SPECIAL) X(select, SPECIAL | SCOPE) \
    X(option, IMPLIED | IMPLIED_THOROUGH) X(optgroup, IMPLIED | IMPLIED_THOROUGH) X(selectedcontent, 0) \
    X(rb, IMPLIED | IMPLIED_THOROUGH) X(rp, IMPLIED | IMPLIED_THOROUGH) X(rt, IMPLIED | IMPLIED_THOROUGH) \
    X(rtc, IMPLIED | IMPLIED_THOROUGH) X(ruby, 0) X(span, 0) X(sub, 0) X(sup, 0) X(var, 0) X(svg, 0) X(math, 0) \
    X(mi, 0) X(mo, 0) X(mn, 0) X(ms, 0) X(mtext, 0) X(mglyph, 0) X(malignmark, 0) X(annotation_xml, 0) \
    X(foreignobject, 0) X(desc, 0) \
    X(abbr, 0) X(acronym, 0) X(audio, 0) X(canvas, 0) X(cite, 0) X(data, 0) X(datalist, 0) X(del, 0) X(dfn, 0) X(ins, 0) \
    X(kbd, 0) X(label, 0) X(legend, 0) X(map, 0) X(mark, 0) X(meter, 0) X(output, 0) X(picture, 0) X(progress, 0) X(q, 0) \
    X(samp, 0) X(slot, 0) X(time, 0) X(video, 0)

enum html_tag {
    TAG_NONE,                                            /* any other name */
#define X(name, flags) TAG_##name,
    HTML_TAGS(X)
#undef X
    TAGS
};

extern const unsigned char html_tag_flags[TAGS];          /* html_token.c */

#endif
