const utc = (month: number, day: number) => Date.UTC(2001, month - 1, day);

/**
 * What happens *to* the platform, in event time. It scripts no decision: when to retrain, what to promote, refuse or
 * roll back, and what may be spent is the platform's own.
 */
export interface Story {
  /** The stream starts and ends here, UTC. */
  from: number;
  to: number;
  /** Somebody trains a version with airport congestion as features. */
  congestionAt: number;
  /** From here on the feed sends `distance` in kilometres. */
  kilometresFrom: number;
  /** Somebody registers, by hand, a version whose serving mapping swaps origin and destination. */
  harmedAt: number;
  /** Somebody asks for a training far beyond the budget. */
  costlyAt: number;
}

/** Five months of 2001. */
export const FULL_STORY: Story = {
  from: utc(2, 1),
  to: utc(7, 1),
  congestionAt: utc(3, 14),
  kilometresFrom: utc(6, 5),
  harmedAt: utc(6, 10),
  costlyAt: utc(6, 26),
};

/** The same happenings within seven weeks, for tests. */
export const SHORT_STORY: Story = {
  from: utc(2, 1),
  to: utc(3, 22),
  congestionAt: utc(2, 3),
  kilometresFrom: utc(2, 20),
  harmedAt: utc(3, 8),
  costlyAt: utc(3, 16),
};
