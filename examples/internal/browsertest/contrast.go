//go:build unix

package browsertest

// Faint returns the texts of the page whose contrast with their ground is below WCAG's AA: 4.5 to 1, or 3 to 1 where the
// text is large, as "2.10:1 text (element)". Grounds are solid colours.
func (p *Page) Faint() []string {
	p.t.Helper()
	var faint []string
	p.Eval(contrast, &faint)
	return faint
}

// Unlabelled returns the fields, links and buttons of the page that have no name that a screen reader could say, and the
// ids that occur twice.
func (p *Page) Unlabelled() []string {
	p.t.Helper()
	var found []string
	p.Eval(labels, &found)
	return found
}

// Overflows reports whether the page is wider than its window, so that a reader would have to scroll sideways.
func (p *Page) Overflows() bool {
	p.t.Helper()
	var wider bool
	p.Eval(`document.documentElement.scrollWidth > document.documentElement.clientWidth`, &wider)
	return wider
}

const contrast = `(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const light = ([r, g, b]) => [r, g, b].map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; })
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const seen = new Set(), faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement, text = n.textContent.trim();
    if (!text || !e.checkVisibility() || ['SCRIPT', 'STYLE', 'OPTION'].includes(e.tagName)) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const ink = e.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const a = light(parse(ink)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const need = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const line = ratio.toFixed(2) + ':1 ' + text.slice(0, 40) + ' (' + e.tagName.toLowerCase() + '.' + e.className + ')';
    if (ratio < need && !seen.has(line)) { seen.add(line); faint.push(line); }
  }
  for (const e of document.querySelectorAll('input, select, button')) {
    if (e.type === 'hidden' || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), a = light(parse(style.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(ratio.toFixed(2) + ':1 ' + (e.value || e.textContent) + ' (' + e.tagName.toLowerCase() + ')');
    const edge = light(parse(style.borderTopColor)), around = light(ground(e.parentElement));
    const border = (Math.max(edge, around) + 0.05) / (Math.min(edge, around) + 0.05);
    if (border < 3) faint.push(border.toFixed(2) + ':1 the edge of ' + (e.name || e.textContent) + ' (' + e.tagName.toLowerCase() + ')');
  }
  return faint;
})()`

const labels = `(() => {
  const found = [], ids = {};
  for (const e of document.querySelectorAll('[id]')) { if (ids[e.id]) found.push('the id ' + e.id + ' occurs twice'); ids[e.id] = true; }
  for (const e of document.querySelectorAll('input, select, textarea, a[href], button')) {
    if (e.type === 'hidden') continue;
    const name = e.getAttribute('aria-label') || (e.labels && [...e.labels].map(l => l.textContent).join(' ')) || (['A', 'BUTTON'].includes(e.tagName) ? e.textContent : '');
    if (!name.trim()) found.push(e.outerHTML.slice(0, 80) + ' has no label');
  }
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
    for (const id of (e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby')).split(' ')) if (!document.getElementById(id)) found.push('nothing is called ' + id);
  for (const e of document.querySelectorAll('th:not([scope])')) found.push('th ' + e.textContent + ' has no scope');
  if (!document.documentElement.lang) found.push('the page has no language');
  if (document.querySelectorAll('h1').length !== 1) found.push('the page has ' + document.querySelectorAll('h1').length + ' h1');
  return found;
})()`
