import { describe, expect, it } from 'vitest';
import { parseCard } from '../renderer/models/markdown.ts';

const plain = (text: string) => ({ text, kind: 'plain' });

describe('the text of a model card', () => {
  it('has headings, paragraphs over several lines, and lists with bold words and code', () => {
    expect(
      parseCard('# our-model\n\nFor research.\nNot a device.\n\n- **Scans**: 11\n- seed `0`\n  of two\n\n## More'),
    ).toEqual([
      { kind: 'heading', level: 1, spans: [plain('our-model')] },
      { kind: 'paragraph', spans: [plain('For research. Not a device.')] },
      {
        kind: 'list',
        items: [
          [{ text: 'Scans', kind: 'strong' }, plain(': 11')],
          [plain('seed '), { text: '0', kind: 'code' }, plain(' of two')],
        ],
      },
      { kind: 'heading', level: 2, spans: [plain('More')] },
    ]);
  });

  it('leaves markup and links of a foreign card as text', () => {
    const text = '<img src=x onerror=alert(1)> [here](https://example.org)';
    expect(parseCard(text)).toEqual([{ kind: 'paragraph', spans: [plain(text)] }]);
  });
});
