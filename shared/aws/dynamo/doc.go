// Package dynamo stores filings in one DynamoDB table. [Store] implements the ports decide.Store, exchange.Store, facts.Store,
// inventory.Store, late.Store and limits.Store, and the Store interfaces of the functions.
//
//	store := &dynamo.Store{Client: client, Table: table, Encrypter: encrypter, Wall: time.Now}
//	order, err := store.Order(ctx, id)
//	entries, err := store.Commit(ctx, change, request)
//
// On AWS the stack creates the table; elsewhere [CreateTable] does.
//
// # Schema
//
// The table's key is pk (partition) and sk (sort). It has three sparse indexes: "mine" (mine, at) lists an account's orders; "open"
// (open, at) lists open orders by step, oldest first, for the reviewers' queue, and the orders with an appeal. Both project the attribute brief,
// which has what lists show of an order, so that a list decrypts nothing. "due" (due, dueAt) lists the rows about which a scheduled function has something to
// do, by their time (ADR 56); it projects their keys alone.
//
//	pk                    sk               what                                              written by
//	ORDER#<order>         ORDER            the order: brief (for lists), doc (its other       Commit
//	                                       fields), sealed (AES-256-GCM of
//	                                       Private; none once erased), version;
//	                                       mine = <account>, open = <step> while open, or at
//	                                       the review <step>#<province> (ADR 51),
//	                                       at = <moved at>#<order>; due = "order",
//	                                       dueAt = <next time>#<order>; planEnded once the plan
//	                                       ends with the order
//	ORDER#<order>         LEDGER#<seq 6>   one ledger entry (JSON with its HMAC); if it is   Commit
//	                                       counted: brief (what is counted, JSON),
//	                                       open = "flow <day>", at = <time>#<order>#<seq>
//	ORDER#<order>         DRAFT            what the applicant has typed of the details: sealed;  PutDetailsDraft
//	                                       ttl
//	ORDER#<order>         READ#<time>#<ulid>  what staff read of the order: brief (JSON with  AddReads
//	                                       its HMAC); mine = "reads <account> <day>",
//	                                       at = <time>#<ulid>; ttl
//	READER#<account>      READ#<time>#<ulid>  who searched what a member of staff read: as    AddReads
//	                                       above
//	FILING#<filing>       READ#<time>#<ulid>  what staff read of the filing                  AddReads
//	DURATIONS#<province>  <year>#<type>    how many visits of a step lasted n working days:   Commit
//	                                       <step>#<n>
//	FOUND#<month>         <finding>        how many requests it refused; ttl                 CountFindings
//	COUNTS                NEWEST           the counts of open orders: doc (JSON)             PutCounts
//	COUNTS                DAY#<day>        the last counts of a day; ttl                     PutCounts
//	DAYS                  DAY#<day>        what happened on a day: doc (JSON); ttl           PutDay
//	DAYS                  SETTLED          the last day whose sums are final                 PutSettledDay
//	MESSAGE#<entry>       <recipient>      what became of the message of an outbox entry,    RecordDelivery
//	                                       from a recipient on: brief (JSON),
//	                                       open = "messages <day>", at = <time>#…; ttl
//	MESSAGE#<entry>       BOUNCE#<n>       the n-th bounce of an email with it: email (its   RecordBounce
//	                                       id), else as above. Earlier versions: BOUNCE#<email>
//	ORDER#<order>         WAIT             the task that waits: step, visit, task token      SaveTaskToken
//	ORDER#<order>         LEADERS          the partition keys of its rows LEADER#… (JSON)    Commit
//	LEADER#<key>          <order>          an open or filed order whose leader has a         Commit
//	                                       certificate number, phone or email: subject, name
//	                                       (keyed hashes)
//	TASKS                 OPEN#<order>#<kind>  an open task of the operator (JSON)           Commit
//	TASKS                 CLOSED#<order>#<kind>  a closed one                                Commit
//	APPOINTMENTS          OPEN#…, CLOSED#…     as TASKS, the reviewers' tasks about appointments   Commit
//	READINGS#<month>      <time>#<order>   the verdicts of two reviewers on an order that both    Commit
//	                                       read blind, without personal data (JSON)
//	PEOPLE                PERSON#<account>  a member of staff: called, roles, seen (of the    RecordSeen, PutEntry
//	                                       last request), doc (what operators entered, JSON),
//	                                       version of doc
//	VERDICTS#<month>      <account>        how many verdicts a reviewer gave in a month: n,   Commit
//	                                       first, firstPass, v#<verdict>, r#<reason>,
//	                                       m#<minutes since the claim>; ttl
//	LOCK#<kind>#<key>     LOCK             the submitted order that holds the lock; of a     Commit,
//	                                       domain whose site has to be closed: due =         PostponeUnapproved
//	                                       "unapproved", dueAt = <next check>#<domain>
//	ACCOUNT#<account>     LOCK#<kind>#<key>  the account's open order of a subject or a      Commit
//	                                       domain; submitted if that order is, agent if it
//	                                       is an agency's
//	OUTBOX, OUTBOX#<0-7>  <kind>#<ulid>[-<0-7>]  an outbox entry: start, resume, notice, upload,   Commit, CommitClaim,
//	                                       verdict, erase, register, end, event;             CommitTransfer, CommitFiling, AddEvents, AddEntry, DeleteEntry
//	                                       dead if it can never be delivered
//	REVIEWS               ENTERED          the annual reviews that operators entered: doc     PutReviews
//	                                       (JSON), version
//	WEBHOOKS              ENDPOINTS        the endpoints of events: doc (JSON), sealed        PutEndpoints
//	                                       (their secrets), version
//	WEBHOOKS              CHANGE#<version>  who changed which endpoint, when: sealed; ttl     PutEndpoints
//	WEBHOOK#<endpoint>    <event's time>~<event>  the delivery of an event to an endpoint:    PutDelivery
//	                                       doc (JSON), version; due = "webhook <endpoint>",
//	                                       dueAt = <next attempt>#<event>; if it is dead,
//	                                       brief instead of doc, open = "dead webhook
//	                                       <endpoint>", at = <its sort key>; ttl
//	LATE                  STALLED#<order>  an order whose execution did not follow it (JSON)  PutStalled
//	LATE                  WATCHED          up to which order of each step that was checked   SaveWatched
//	SERVER#<server>       SERVER           a server of the inventory: doc, quota, used;      PutServer, Commit
//	                                       mine = "servers <account>", open = "servers",
//	                                       at = <province>#<server>
//	SERVER#<server>       SLOT#<order>     a filing slot reserved by an order                Commit
//	CODE#<code>           CODE             a filing service code: server, account, order;    PutServiceCode, Commit
//	                                       mine = "service codes <account>", open =
//	                                       "service codes", at = <server>#<code>
//	FILING#<filing>       FILING           a filing of the register: brief (JSON), sealed    Commit, CommitFiling
//	                                       (AES-256-GCM of Private), version;
//	                                       mine = "filings <account>", open = "filings"
//	                                       or, once cancelled, "retained filings",
//	                                       at = <changed or cancelled at>#<filing>;
//	                                       name (keyed hash)
//	FILING#<filing>       WATCH#<host>     the watch of one of its hosts (see package sitewatch):   Commit, CommitFiling,
//	                                       doc (JSON: newest observation, findings), version,   CommitWatch
//	                                       since; due = "watch", dueAt = <time>#<host>#<filing>
//	FILING#<filing>       WATCHED#<host>#<number 8>  a statement of the host's history, signed (JSON)  CommitWatch
//	FILING#<filing>       VERSION#<number 6>  a version of it: doc (the ledger entry, JSON   Commit, CommitFiling
//	                                       with its HMAC), brief, sealed
//	FILING#<filing>       UPKEEP           what it owes: sealed, version; due = "filing",    CommitUpkeep, Commit,
//	                                       dueAt = <next time>#<filing>                      CommitFiling
//	DAILY#<key>           <day>            a mobile that got its SMS of a day; ttl           CommitUpkeep
//	FILED#subject#<key>   FILED            the filing of a subject: filing, account, number  Commit, CommitFiling
//	FILED#domain#<domain> FILED            the filing of a domain: filing, subject key,      Commit, CommitFiling
//	                                       number, access (our server)
//	FILED#app-domain#<domain>  <filing>    a filing with an app of a domain                  Commit, CommitFiling
//	FILED#number#<number> FILED            the filing with a subject's number                Commit, CommitFiling
//	FILED#ministry#<part> <id>  FILED      the filing with a part of the ministry's id       Commit, CommitFiling
//	FILED#ministry#<part> <id>  FORMER     the filing that had such a part before it ended   Commit, CommitFiling
//	FILED#domain#<domain> FORMER           the filing that had the domain last               Commit, CommitFiling
//	FILED#name#<key>      <filing>         a filing of a subject with a name                 Commit, CommitFiling
//	ACCOUNT#<account>     FILED#<filing>   a filing that an account has: filing, subject     Commit, CommitFiling
//	ACCOUNT#<account>     SUBJECT          the filing that keeps an account from other        Commit, CommitFiling
//	                                       subjects: filing, subject, version
//	ACCOUNT#<account>     CLAIM            the account's claim of a filing: sealed, version;  CommitClaim
//	                                       ttl
//	FILING#<filing>       TRANSFER         the filing's transfer to another account: doc     CommitTransfer
//	                                       (JSON), sealed (addresses for messages), version
//	ACCOUNT#<account>     TAKEN#<filing>   a transfer that the account took: filing; ttl     CommitTransfer
//	TRANSFER#<key>        TRANSFER         the filing whose transfer has a code; ttl         CommitTransfer
//	CONSENT#<consent>     CONSENT          a consent to an agency: sealed, version, ended;   CommitConsents,
//	                                       mine = "consents <account>", open = "consents",   CommitRevocation
//	                                       at = <asked at>#<consent>; ttl
//	FILING#<filing>       CONSENT#<account>  the newest consent of an account for a filing;   CommitConsents
//	                                       ttl
//	FILING#<filing>       CONSENTS         how many consents were given for it: version      CommitConsents
//	CONSENTS#<key>        CONSENT#<consent>  a consent that the holder of a mobile gave; ttl   CommitConsents
//	ACCOUNT#<account>     AGENCY           the contact of an agency that has consents:       PutAgencyContact
//	                                       sealed; ttl
//	REVOCATION#<id>       REVOCATION       a leader's request to revoke consents: sealed,    CommitRevocation
//	                                       version; ttl
//	INQUIRY#<id>          INQUIRY          a question how far an order is: sealed, version;   CommitStateInquiry
//	                                       ttl
//	ACCOUNT#<account>     SESSION#<key>    a session of the portal: sealed (by the cookie's   PutSession, TouchSession
//	                                       secret), used; ttl
//	ACCOUNT#<account>     HANDOFF#<order>#<step>  a step that a phone does for a browser:    PutHandOff, TakeHandOff
//	                                       doc (JSON), code (its HMAC), phone; ttl
//	HANDOFF#<key>         HANDOFF          the account, order and step of a code; ttl        PutHandOff
//	TYPED#<key>           TYPED            what was typed when a session had ended: sealed;   PutSession
//	                                       ttl
//	ACCOUNT#<account>     CONTACT#<key>    a mobile or email that the account verified; ttl  Commit
//	REQUEST#<account>     <key>            an Idempotency-Key, HMAC of its request, the     Commit, CommitClaim,
//	                                       order, filing or consent, a refusal; ttl         CommitTransfer, CommitConsents
//	LIMIT#<scope>#<key>   <action>#<end>   how often an account, address or recipient of     Count
//	                                       messages did it in the window until <end>: used;
//	                                       ttl
//	SMS#<key>             <order>          an order that expects a reply from a mobile; ttl  Commit
//	REVIEWREPLY#<message>  REVIEWREPLY     an SMS that answers an annual review: sealed; ttl   AddReviewReply
//	BUREAU                NUMBERS          the last of our ids that was allocated            AllocateIDs
//	BUREAU#<link>         STATE            the state of a link's uploads (JSON): next        AcquireLink, SaveLink
//	                                       number, file in flight; holder and its lease
//	BUREAU#<link>         SENT#<number 10> a file that the bureau accepted: object, hash,    PutSent
//	                                       records
//	BUREAU#<link>         RECEIVED#<file>  a downloaded file: object, state                  PutReceived
//	BUREAU#<link>         POISON#<file>    a downloaded file of which a part is unusable     PutReceived
//	BUREAU#<link>         ISSUE#<kind>#<file>  an issue in a file, for the operator          PutIssue
//	BUREAUTASK#<task>     TASK             a task of the bureau: brief (JSON), sealed (what      PutBureauTask,
//	                                       people wrote), version; open = "bureau tasks", or    SaveBureauTask
//	                                       "done bureau tasks" when done,
//	                                       at = <deadline or done at>#<task>
//	BUREAU#<link>         COPY             the newest full copy of the bureau: its files and     PutCopy
//	                                       their progress (JSON)
//	COPY#<link>#<copy>    SEEN#<file>#<first 6>  filings of the register in a part of it; ttl  PutSeen
//	COPY#<link>#<copy>    OPEN#<number>#<site>  a difference on which somebody has to act: doc  PutDifference
//	                                       (JSON), sealed (what the bureau has, where the
//	                                       register lacks it) and open = "difference",
//	                                       at = <seen at>#<key>, or ttl
//	COPY#<link>#<copy>    SETTLED#<number>#<site>  a settled difference; ttl                PutDifference
//	RECORD#<operation> <text>  RECORD      the order and round of the record that a result   PutRecords
//	                                       of the bureau names so; the newest
//	CODES                 VERSION          the version of the code tables in force           PutCodeTables
//	CODES                 TABLES           the code tables (JSON, gzip)                      PutCodeTables
//	CODES                 FILE#<issued>#<file>  what a file did to the code tables            PutCodeTables
//	BLACK#subject#<key>   BLACK            a subject on the ministry's blacklist             SetBlacklisted
//	BLACK#domain#<domain> BLACK            a domain on it                                    SetBlacklisted
//	FORMAT                FORMAT           the version of the rows: version (see [Format])    AdoptFormat
//	ACCESS                <time>#<ulid>    domains of which a transaction changed whether    Commit, CommitFiling,
//	                                       their hosts may be served: doc (JSON); ttl        SetBlacklisted
//
// The keys of subjects, leaders, mobiles, contacts, recipients of messages and network addresses are HMACs of the certificate number, phone number, email
// address or IP address, so that none of them is stored in clear.
//
// The wrapped data keys are in a separate table; see [Keys].
//
// # Transactions
//
// [Store.Commit] writes a filing.Change in one transaction: the order, on condition that its version is the one decided on, its
// ledger entry, locks, slots, outbox entries and the caller's Idempotency-Key. The error is a fault: Stale if a concurrent decision
// was stored first or is being stored, Conflict with findings if another order has a lock or a slot, Unavailable if the table is unavailable.
package dynamo
