// The few figures that a series of measurements is reduced to.

/** The middle of a series, or the mean of its two middle values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share (0 to 1) of a series does not exceed: the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('a percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** The mean for ratios. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the mean of nothing');
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
