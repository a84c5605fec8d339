// Which outputs are equal, and in which lines others differ: plain functions, no page.

/** Groups of equal outputs, the largest first: [{text, names}]. */
export function grouped(outputs) {
  const groups = new Map();
  for (const [name, text] of outputs) {
    if (!groups.has(text)) groups.set(text, []);
    groups.get(text).push(name);
  }
  return [...groups].map(([text, names]) => ({ text, names })).sort((a, b) => b.names.length - a.names.length);
}

/** The lines of `other`, each with whether it is among those of `base` in order (longest common subsequence). */
export function marked(base, other) {
  const a = base.split("\n"), b = other.split("\n");
  if (a.length * b.length > 4_000_000) return b.map((text, index) => ({ text, same: a[index] === text }));
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const lines = [];
  for (let i = 0, j = 0; j < b.length;) {
    if (i < a.length && a[i] === b[j]) { lines.push({ text: b[j], same: true }); i++; j++; }
    else if (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else { lines.push({ text: b[j], same: false }); j++; }
  }
  return lines;
}
