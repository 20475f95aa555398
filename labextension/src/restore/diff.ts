/** How one code differs from another, line by line. */

export interface IDiffLine {
  /** In both, in the first only, or in the second only. */
  kind: 'same' | 'before' | 'after';
  text: string;
}

/** So many pairs of lines are compared; larger changes are shown as one block. */
const MOST_PAIRS = 1_000_000;

export function lineDiff(before: string, after: string): IDiffLine[] {
  const [one, other] = [before.split('\n'), after.split('\n')];
  const head = commonLength(one, other);
  const tail = commonLength(one.slice(head).reverse(), other.slice(head).reverse());
  return [
    ...lines('same', one.slice(0, head)),
    ...middle(one.slice(head, one.length - tail), other.slice(head, other.length - tail)),
    ...lines('same', one.slice(one.length - tail))
  ];
}

function lines(kind: IDiffLine['kind'], texts: readonly string[]): IDiffLine[] {
  return texts.map(text => ({ kind, text }));
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((line, place) => line !== other[place]);
  return differs === -1 ? one.length : differs;
}

/** The longest common subsequence tells what has stayed. */
function middle(one: readonly string[], other: readonly string[]): IDiffLine[] {
  if (one.length * other.length > MOST_PAIRS) {
    return [...lines('before', one), ...lines('after', other)];
  }
  const common = commonLengths(one, other);
  const found: IDiffLine[] = [];
  let [at, to] = [0, 0];
  while (at < one.length && to < other.length) {
    const [mine, theirs] = [one[at] ?? '', other[to] ?? ''];
    if (mine === theirs) {
      found.push({ kind: 'same', text: mine });
      [at, to] = [at + 1, to + 1];
    } else if (common(at + 1, to) >= common(at, to + 1)) {
      found.push({ kind: 'before', text: mine });
      at += 1;
    } else {
      found.push({ kind: 'after', text: theirs });
      to += 1;
    }
  }
  return [
    ...found,
    ...lines('before', one.slice(at)),
    ...lines('after', other.slice(to))
  ];
}

/** How many lines two ends have in common, by where they begin. */
function commonLengths(
  one: readonly string[],
  other: readonly string[]
): (at: number, to: number) => number {
  const width = other.length + 1;
  const table = new Uint32Array((one.length + 1) * width);
  const get = (at: number, to: number) => table[at * width + to] ?? 0;
  for (let at = one.length - 1; at >= 0; at--) {
    for (let to = other.length - 1; to >= 0; to--) {
      table[at * width + to] =
        one[at] === other[to]
          ? get(at + 1, to + 1) + 1
          : Math.max(get(at + 1, to), get(at, to + 1));
    }
  }
  return get;
}
