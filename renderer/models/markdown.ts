/** A piece of running text. */
export interface Span {
  readonly text: string;
  readonly kind: 'plain' | 'strong' | 'code';
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] };

/**
 * The Markdown that cards use: headings, paragraphs, lists, bold and code. All else stays text: a card may come from elsewhere, so nothing of it
 * becomes markup or a link.
 */
export function parseCard(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  const close = () => {
    if (lines.length > 0) blocks.push({ kind: 'paragraph', spans: spansOf(lines.join(' ')) });
    lines = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    const [, marks, heading] = /^(#{1,6})\s+(.*)$/.exec(line) ?? [];
    const [, item] = /^\s*[-*]\s+(.*)$/.exec(line) ?? [];
    const last = blocks.at(-1);
    if (marks !== undefined) {
      close();
      blocks.push({ kind: 'heading', level: Math.min(3, marks.length) as 1 | 2 | 3, spans: spansOf(heading!) });
    } else if (item !== undefined) {
      close();
      const after = blocks.at(-1);
      if (after?.kind === 'list') blocks[blocks.length - 1] = { kind: 'list', items: [...after.items, spansOf(item)] };
      else blocks.push({ kind: 'list', items: [spansOf(item)] });
    } else if (line.trim() === '') close();
    else if (/^\s{2,}\S/.test(line) && last?.kind === 'list' && lines.length === 0) {
      const items = last.items.map((spans, n) =>
        n === last.items.length - 1 ? [...spans, ...spansOf(` ${line.trim()}`)] : spans,
      );
      blocks[blocks.length - 1] = { kind: 'list', items };
    } else lines.push(line.trim());
  }
  close();
  return blocks;
}

function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  for (const part of text.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
    if (part === '') continue;
    if (part.startsWith('**') && part.endsWith('**') && part.length > 4)
      spans.push({ text: part.slice(2, -2), kind: 'strong' });
    else if (part.startsWith('`') && part.endsWith('`') && part.length > 2)
      spans.push({ text: part.slice(1, -1), kind: 'code' });
    else spans.push({ text: part, kind: 'plain' });
  }
  return spans;
}
