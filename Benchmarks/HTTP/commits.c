// What durable commits cost without anything around them: the rows that creating a key and revoking it write, by SQLite
// alone, so many pairs a second until standard input ends. No HTTP, no caller, no policy, no JSON, nothing read but the end
// of the audit chain and of the change log.
//
//   commits DATABASE PAIRS-A-SECOND
//
// The database is one of Keybearer's with a key and an audit event in it, and no server on it: the rows are copies of
// those, under names and hashes that mean nothing. Prints JSON: commits a second, and milliseconds of the processor for each.
#define _GNU_SOURCE
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sqlite3 *database;

static void fail(const char *what) {
    fprintf(stderr, "commits: %s: %s\n", what, sqlite3_errmsg(database));
    exit(2);
}

static sqlite3_stmt *compile(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) fail(sql);
    return statement;
}

// Runs a statement whose one parameter, if it has any, is the number of the pair.
static void run(sqlite3_stmt *statement, sqlite3_int64 number) {
    sqlite3_bind_int64(statement, 1, number);
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) fail(sqlite3_sql(statement));
    sqlite3_reset(statement);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Until then, or until standard input ends.
static int has_ended(double due) {
    double left = due - seconds(CLOCK_MONOTONIC);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    return poll(&input, 1, left > 0 ? (int)(left * 1000) : 0) != 0;
}

int main(int count, char **words) {
    double rate = count == 3 ? atof(words[2]) : 0;
    if (rate <= 0) {
        fputs("commits DATABASE PAIRS-A-SECOND\n", stderr);
        return 2;
    }
    if (sqlite3_open_v2(words[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        fail(words[1]);
    // As the server has it: docs/decisions/0015-a-change-stays-on-its-thread.md.
    if (sqlite3_exec(database, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK)
        fail("settings");
    // Sorts after every identifier of its millisecond and before those of later ones.
    run(compile("CREATE TEMP TABLE lead AS SELECT substr(max(id), 1, 16) || 'zz' AS text FROM api_key"), 0);
    run(compile("CREATE TEMP TABLE pattern AS SELECT * FROM api_key ORDER BY id DESC LIMIT 1"), 0);
    sqlite3_stmt *begin = compile("BEGIN IMMEDIATE"), *commit = compile("COMMIT");
    sqlite3_stmt *create = compile(
        "INSERT INTO api_key SELECT (SELECT text FROM lead) || printf('%018d', $1), organization_id, name, randomblob(32), "
        "pepper_id, preview, permissions, allowed_ips, is_disabled, expires_at, rate_requests, rate_window_seconds, "
        "creator_kind, creator_id, creator_name, created_at, NULL, NULL, NULL, NULL, NULL, NULL FROM pattern");
    sqlite3_stmt *revoke = compile(
        "UPDATE api_key SET revoked_at = 1, revoked_by = 'nobody' WHERE id = (SELECT text FROM lead) || printf('%018d', $1)");
    sqlite3_stmt *audit = compile(
        "INSERT INTO audit_event (id, chain, position, at, actor, via, address, action, target, outcome, count, details, "
        "previous, hash) SELECT 'evt_' || hex(randomblob(13)), chain, position + 1, at + 1, actor, via, address, action, "
        "(SELECT text FROM lead) || printf('%018d', $1), outcome, 1, details, hash, randomblob(32) FROM audit_event "
        "WHERE chain = (SELECT organization_id FROM pattern) ORDER BY position DESC LIMIT 1");
    sqlite3_stmt *log = compile(
        "INSERT INTO change_log (seq, at, effect, digest) SELECT max(seq) + 1, $1, 'key', randomblob(32) FROM change_log");
    double began = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
    long commits = 0;
    sqlite3_int64 first = (sqlite3_int64)time(NULL) * 1000000;
    // A revocation half a period after its creation, so that they are commits of their own.
    while (!has_ended(began + (double)commits / (2 * rate))) {
        sqlite3_int64 number = first + commits / 2;
        run(begin, 0);
        run(commits % 2 == 0 ? create : revoke, number);
        if (sqlite3_changes(database) != 1) fail("a row that was not written");
        run(audit, number);
        if (sqlite3_changes(database) != 1) fail("no audit event to go on from");
        run(log, number);
        run(commit, 0);
        commits++;
    }
    double span = seconds(CLOCK_MONOTONIC) - began;
    printf("{\"per_second\":%.1f,\"cpu_ms\":%.3f}\n", (double)commits / span,
           (seconds(CLOCK_PROCESS_CPUTIME_ID) - used) * 1000 / (double)(commits > 0 ? commits : 1));
}
