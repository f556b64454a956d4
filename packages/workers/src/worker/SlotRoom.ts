/** So long a coordinator may say nothing before its jobs keep others from running no more, in milliseconds. */
export const ABSENCE_MILLIS = 5_000
/** What sums of fractions may be off by. */
const EPSILON = 1e-6

/** A job that takes room. */
export interface Tenant {
  readonly coordinator: string
  /** In slots. */
  readonly weight: number
  /** Its coordinator is gone: what it waits for can only come from there. */
  isParked: boolean
}

/**
 * The slots of a worker. A job whose coordinator is gone holds none: it would wait for files, or for somebody to take its result, while
 * the jobs of others wait for its place. It goes on, and counts again when the coordinator is back.
 */
export class SlotRoom {
  private readonly tenants = new Set<Tenant>()
  /** By coordinator, since when it is gone. */
  private readonly gone = new Map<string, number>()
  private taken = 0

  constructor(private readonly slots: number) {}

  /** Less than nothing where a coordinator came back to jobs whose place was given away. */
  get free(): number {
    return this.slots - this.taken
  }

  /** @param weight of what would come; without it: anything */
  hasRoom(weight = 0): boolean {
    return this.free > EPSILON && this.free + EPSILON >= weight
  }

  /** How many of this weight fit. */
  fitting(weight: number): number {
    return Math.max(0, Math.floor((this.free + EPSILON) / weight))
  }

  /** Whether every job that is there waits for a coordinator that is gone. */
  get isDeserted(): boolean {
    return [...this.tenants].every(({ isParked }) => isParked)
  }

  enter(coordinator: string, weight: number): Tenant {
    const tenant = { coordinator, weight, isParked: false }
    this.tenants.add(tenant)
    this.taken += weight
    return tenant
  }

  leave(tenant: Tenant): void {
    if (this.tenants.delete(tenant) && !tenant.isParked) this.taken -= tenant.weight
  }

  /**
   * Those that gave a sign of life by now.
   *
   * @param now milliseconds, of any clock that only goes forward
   * @returns whether there is more room than before
   */
  see(there: ReadonlySet<string>, now: number): boolean {
    const before = this.taken
    for (const id of this.gone.keys()) if (there.has(id)) this.gone.delete(id)
    for (const tenant of this.tenants) {
      const { coordinator, isParked, weight } = tenant
      if (!there.has(coordinator) && !this.gone.has(coordinator)) this.gone.set(coordinator, now)
      const since = this.gone.get(coordinator)
      tenant.isParked = since !== undefined && now - since >= ABSENCE_MILLIS
      if (tenant.isParked !== isParked) this.taken += isParked ? weight : -weight
    }
    return this.taken < before
  }
}
