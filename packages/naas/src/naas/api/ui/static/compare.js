// Which outputs are equal, and in which lines others differ: plain functions, no page.

// Above this many pairs of lines the exact comparison would hold the page up (4 million take about 50 ms).
const MOST_PAIRS = 4_000_000;

/** Groups of equal outputs, the largest first: [{text, names}]. */
export function grouped(outputs) {
  const groups = new Map();
  for (const [name, text] of outputs) {
    if (!groups.has(text)) groups.set(text, []);
    groups.get(text).push(name);
  }
  return [...groups].map(([text, names]) => ({ text, names })).sort((a, b) => b.names.length - a.names.length);
}

/** The lines of `other`, each with whether it is among those of `base` in order (longest common subsequence). Lines
 *  that both begin or end with are equal without a search; a middle that is too long is compared as a bag of lines. */
export function marked(base, other) {
  const a = base.split("\n"), b = other.split("\n");
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (text) => ({ text, same: true });
  return [...b.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...b.slice(b.length - tail).map(same)];
}

function middle(a, b) {
  if (a.length * b.length > MOST_PAIRS) return bag(a, b);
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

function bag(a, b) {
  const left = new Map();
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1);
  return b.map((text) => {
    const count = left.get(text) ?? 0;
    if (count) left.set(text, count - 1);
    return { text, same: count > 0 };
  });
}
