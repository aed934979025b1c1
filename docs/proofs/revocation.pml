/* When a revoke has returned, no node accepts the key: the lease and the acknowledgements of Sources/Cluster, for one
   key and N nodes, in discrete real time. Every step of every process interleaves freely, and time may pass between
   any two steps: a process is paused, a network slow, a database stalled.
   The property (I1): a verification that arrives after revoke() has returned is never accepted.
   Each -DM_x plants one mistake, and must have a counterexample; Scripts/proof runs them all. */
#ifndef N
#define N 1
#endif
#define L 2
#ifndef TMAX
#define TMAX 6
#endif
#ifndef RENEWALS
#define RENEWALS 4
#endif
byte now = 0;
/* --- database --- */
bool db_revoked = false;
bool row[N];      /* node row committed & visible            */
bool dead[N];     /* fenced by reaper                        */
byte lno[N];      /* lease number (bumped by each renewal)   */
bool acked[N];    /* node has applied & published the change */
bool lck[N];      /* row lock held by an open renewal txn    */
/* --- node memory --- */
bool applied[N];  /* cache shows the key as revoked */
byte exp_[N];     /* lease valid while clk < exp_   */
bool reg[N];      /* node believes it is registered */
byte lag[N];      /* guest clock lag (M_FREEZE only)*/
/* --- ghosts --- */
bool returned = false;   /* revoke() has returned OK to its caller */
#define clk(i) (now - lag[i])
#define QUIET(i) (!row[i] || dead[i] || acked[i])
#if N > 1
#define ALLQUIET (QUIET(0) && QUIET(1))
#else
#define ALLQUIET QUIET(0)
#endif

active proctype Tick() { do :: d_step { now < TMAX -> now++ } :: else -> break od }
#ifdef M_FREEZE
active proctype Freeze() { do :: d_step { now < TMAX && lag[0] < 3 -> now++; lag[0]++ } :: break od }
#endif

proctype Sync(byte i) {                     /* registration + renewal + apply + ack loop of node i */
  byte t0; bool snap; byte k = 0;
  do
  :: k < RENEWALS -> k++;
     if
     :: !reg[i] ->
#ifdef M_ONETXN
        /* BUG: register and load in the same transaction: row invisible while snapshot is taken */
        t0 = clk(i); snap = db_revoked;
        d_step { row[i] = true; dead[i] = false; lno[i] = 1; acked[i] = snap }
        d_step { applied[i] = snap; reg[i] = true; exp_[i] = t0 + L }
#else
        d_step { row[i] = true; dead[i] = false; lno[i] = 0; acked[i] = false; reg[i] = true; exp_[i] = 0 }
#endif
     :: reg[i] ->
        t0 = clk(i);                                     /* clock read BEFORE the request is sent   */
        d_step { !lck[i] -> lck[i] = true };             /* UPDATE node ... WHERE NOT dead          */
        if
#ifndef M_NOFENCE
        :: d_step { dead[i] -> lck[i] = false; reg[i] = false; exp_[i] = 0; row[i] = false }
#endif
        :: else ->
           snap = db_revoked;                            /* SELECT log (new snapshot, same txn)     */
           d_step { lno[i]++; lck[i] = false };          /* COMMIT                                  */
#ifdef M_ACKFIRST
           acked[i] = snap; applied[i] = applied[i] || snap;
#else
           applied[i] = applied[i] || snap;              /* publish to all verifier threads         */
#endif
#ifdef M_LATECLOCK
           exp_[i] = clk(i) + L;                         /* BUG: lease counted from the reply       */
#else
           exp_[i] = t0 + L;
#endif
           if :: applied[i] -> d_step { if :: !dead[i] -> acked[i] = true :: else fi } :: else fi
        fi
     :: reg[i] ->                                        /* a notification: read the log, renew nothing */
#ifdef M_FOLLOWLEASE
        t0 = clk(i);
#endif
        d_step { snap = row[i] && !dead[i] && db_revoked };
        applied[i] = applied[i] || snap;
#ifdef M_FOLLOWLEASE
        exp_[i] = t0 + L;                                /* BUG: the reaper knows nothing of this lease */
#endif
        if :: applied[i] -> d_step { if :: !dead[i] -> acked[i] = true :: else fi } :: else fi
     fi
  :: break
  od
}

proctype Verify(byte i) {                   /* one request that arrives after revoke() returned (only these matter) */
  bool ok, active_; byte c;
#ifdef M_CLOCKCACHE
  c = clk(i);                               /* BUG: clock value cached before the request arrives   */
#endif
  (returned);                               /* arrival */
#ifdef READINDEX
  bool head = db_revoked;                   /* strict mode: one DB round trip after arrival         */
  active_ = !(applied[i] || head); ok = true;
#else
#ifndef M_CLOCKCACHE
  c = clk(i);
#endif
  ok = (reg[i] && c < exp_[i]);             /* these two reads in either order                      */
  active_ = !applied[i];
#endif
  assert(!(ok && active_))
}

proctype Reaper(byte i) {                   /* fences a node whose lease number stopped moving */
  byte n, t1;
  n = lno[i]; t1 = now;
#ifdef M_EAGERREAP
  skip;
#else
  (now > t1 + L);
#endif
  d_step { !lck[i] -> if :: row[i] && lno[i] == n -> dead[i] = true :: else fi }
}

inline barrier() {
  c = now;
  do
  :: d_step { ALLQUIET -> skip } -> break
  :: now >= c + L -> break                  /* fallback: no un-acked lease can still be valid */
#ifdef M_NOTIFYONLY
  :: break                                  /* BUG: fire-and-forget notification */
#endif
  od
}
proctype Revoke() {
  byte c;
#ifdef M_RETRY
  if :: db_revoked -> skip                  /* BUG: already revoked => return 200 at once */
     :: else -> db_revoked = true; barrier() fi;
#else
  db_revoked = true;                        /* COMMIT (idempotent)                         */
  barrier();
#endif
  returned = true
}
init { atomic {
  run Sync(0); run Reaper(0); run Verify(0); run Revoke();
#if N > 1
  run Sync(1); run Verify(1);
#endif
#ifdef TWO_REVOKERS
  run Revoke();
#endif
} }
