// Successive halving (Jamieson, Talwalkar 2016), decided trial by trial as by its asynchronous form (Li et al. 2020, "A
// system for massively parallel hyperparameter tuning"): a rung is a number of folds, each twice the one before (1, 2, 4),
// and whoever reaches it goes on only when it is in the better half of all that have. The earliest fold trains on the
// fewest rows, so what does badly is cheap.

/** Whether somebody is stopped after so many folds: a power of two. */
export function isRung(folds: number): boolean {
  return (folds & (folds - 1)) === 0
}

/**
 * @param losses of those that reached this rung before, on the same folds
 * @param keep share that goes on, 0..1
 */
export function goesOn(loss: number, losses: readonly number[], keep = 0.5): boolean {
  const better = losses.filter(other => other <= loss).length
  return better < Math.max(1, Math.ceil(keep * (losses.length + 1)))
}
