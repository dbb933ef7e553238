/** A value for each of three axes; `of` gets the axis's place. */
export const perAxis = <Value>(of: (axis: 0 | 1 | 2) => Value): readonly [Value, Value, Value] => [of(0), of(1), of(2)];
