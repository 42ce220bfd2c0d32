/**
 * What expressions ask of the authorizer: checks that are built step by step, and what is decided of them.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
 */
import type { Decision, PathAccess, ResourceAccess } from '../../access/authorizer.js'
import type { UserInfo } from '../client.js'

/** Answers whether a user may do something. */
export type Ask = (user: UserInfo, access: ResourceAccess | PathAccess) => Decision

/** The authorizer, asked for one user: the variable `authorizer`. */
export class AuthorizerValue {
  constructor(
    readonly user: UserInfo,
    private readonly ask: Ask,
  ) {}

  decide(access: ResourceAccess | PathAccess): DecisionValue {
    return new DecisionValue(this.ask(this.user, access))
  }

  /** The same authorizer, asked for somebody else. */
  of(user: UserInfo): AuthorizerValue {
    return new AuthorizerValue(user, this.ask)
  }
}

/** A path that is no resource's. */
export class PathCheckValue {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly path: string,
  ) {}
}

/** The resources of an API group. */
export class GroupCheckValue {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly group: string,
  ) {}
}

/** A resource, and what of it is asked for. */
export class ResourceCheckValue {
  constructor(
    readonly authorizer: AuthorizerValue,
    readonly access: Omit<ResourceAccess, 'verb'>,
  ) {}

  /** The same check with more said of what is asked for. */
  with(more: Partial<ResourceAccess>): ResourceCheckValue {
    return new ResourceCheckValue(this.authorizer, { ...this.access, ...more })
  }
}

/** What the authorizer has decided. */
export class DecisionValue {
  constructor(readonly decision: Decision) {}
}
