const parts = (iso: string): readonly string[] => {
  const at = new Date(iso);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()].map(
    (part) => String(part).padStart(2, '0'),
  );
};

/** `2026-11-28`, on the clock of this machine. */
export const localDate = (iso: string): string => parts(iso).slice(0, 3).join('-');

/** `2026-11-28 14:03:59`, on the clock of this machine. */
export const localTime = (iso: string): string => `${localDate(iso)} ${parts(iso).slice(3).join(':')}`;
