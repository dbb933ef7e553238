/** Rows of equal length as text in columns; numbers are aligned to the right where the heading says so with a leading ">". */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = heading.map((text) => text.startsWith('>'));
  const all = [heading.map((text) => text.replace(/^>/, '')), ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (right[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  const [first, ...rest] = all.map(line);
  return [first, widths.map((width) => '-'.repeat(width)).join('  '), ...rest].join('\n');
}
