// Package dynamo keeps filings in one DynamoDB table.
//
// # Schema
//
// The table's key is pk (partition) and sk (sort). Two sparse indexes: "mine" (mine, at) lists an account's orders,
// "open" (open, at) lists open orders by step, oldest first: the reviewers' queue and the reminders' round.
//
//	pk                    sk               what                                              written by
//	ORDER#<order>         ORDER            the order: doc (JSON), sealed (AES-256-GCM of       Commit
//	                                       Private), key (wrapped data key), version;
//	                                       mine = <account>, open = <step> while open,
//	                                       at = <moved at>#<order>
//	ORDER#<order>         LEDGER#<seq 6>   one ledger entry (JSON), never changed              Commit
//	ORDER#<order>         WAIT             where the machine waits: step, visit, task token    Park
//	LOCK#<kind>#<key>     LOCK             the open order that holds it                        Commit
//	OUTBOX                <kind>#<ulid>    something to send: start, resume, notice, upload    Commit, Delivered
//	SERVER#<server>       SERVER           a server of the inventory: doc, quota, used         inventory
//	SERVER#<server>       SLOT#<order>     a filing slot taken by an order                     Commit
//	CODE#<code>           CODE             a filing service code: server, account, order       inventory, Commit
//	FILED#subject#<key>   FILED            a subject filed with us: account, number            Commit
//	FILED#domain#<domain> FILED            a domain filed with us: subject key, number         Commit
//	ACCOUNT#<account>     FILED            the one subject that an account holds               Commit
//	REQUEST#<account>     <key>            an Idempotency-Key and the hash of its body; ttl    Commit
//	SMS#<key>             <order>          an order that expects a reply from a mobile; ttl    Commit
//	BUREAU                NUMBERS          the last of our numbers that was given out         Numbers
//	BUREAU#<link>         STATE            where a link's uploads stand (JSON): next number,   SaveLink, Hold
//	                                       file in flight; holder and its lease
//	BUREAU#<link>         SENT#<number 10> a file that the bureau took: object, hash, records PutSent
//	BUREAU#<link>         RECEIVED#<file>  a downloaded file: object, how far it has come      PutReceived
//	BUREAU#<link>         POISON#<file>    one of which nothing could be made                  PutReceived
//	BUREAU#<link>         ISSUE#<kind>#<file>  something in it for the operator                PutIssue
//	RECORD#<number>       RECORD           the order and round that a number of ours is of     PutRecords
//	BLACK#subject#<key>   BLACK            a subject on the ministry's blacklist               SetBlacklisted
//	BLACK#domain#<domain> BLACK            a domain on it                                      SetBlacklisted
//
// The keys of subjects and mobiles are HMACs of the certificate number and of the phone number, so that neither is
// anywhere in clear.
//
// # Transactions
//
// [Store.Commit] writes a filing.Change whole: the order under the condition that its version is the one decided on,
// its ledger entry, locks, slots, outbox entries and the caller's Idempotency-Key. It fails as a fault: Stale when
// somebody else decided first, Conflict with findings when a lock or a slot is taken, Unavailable when the table is.
package dynamo
