//! The contract that every store keeps: one suite, run by each store's crate with its own places.
//!
//! ```ignore
//! doorward_core::store_contract!(fresh_place);
//! ```
//!
//! where `fresh_place()` returns a [`Place`] that nobody has used. Reading order: [`bench`], then one file per subject;
//! [`crash`] is the part for tests that kill the process.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test suite: it fails by panicking")]

pub mod accounts;
pub mod audit;
pub mod bench;
pub mod changes;
pub mod console;
pub mod crash;
pub mod credentials;
pub mod errands;
pub mod kept;
pub mod letters;
pub mod limits;
pub mod running;
pub mod sessions;
pub mod sites;
pub mod slips;
pub mod sweep;

use std::sync::Arc;

use crate::port::store::Store;

/// Where a store keeps its memory: a file, a database. Fresh for each case; dropping it tidies up.
pub trait Place: Sync {
    /// Opens a store there, with all that earlier stores wrote.
    fn open(&self) -> Arc<dyn Store>;
}

/// Makes one test of every case of the contract; the argument is a function that returns a fresh [`Place`].
#[macro_export]
macro_rules! store_contract {
    ($fresh:ident) => {
        $crate::store_contract! { @of $fresh, running:
            what_was_acknowledged_is_there_when_opened_again
            a_job_that_errs_writes_nothing
            a_job_that_panics_writes_nothing_and_the_store_goes_on
            a_job_that_thinks_nothing_of_a_failed_statement_writes_nothing
            a_job_sees_what_it_wrote
            failing_jobs_leave_their_neighbours_alone
            two_hundred_at_once_are_all_answered_and_durable
            a_look_sees_one_moment
            two_stores_on_one_place_see_each_other
            many_may_open_a_fresh_place_at_once
        }
        $crate::store_contract! { @of $fresh, sites:
            a_site_comes_back_as_it_was_put
            names_of_sites_are_unique
            replacing_a_site_keeps_its_keys_and_accounts
            keys_come_newest_first_and_are_replaced_by_name
            removing_a_site_removes_what_belongs_to_it
            a_pad_is_kept_per_site
        }
        $crate::store_contract! { @of $fresh, accounts:
            putting_says_how_it_ended
            names_and_addresses_are_unique_in_a_site_whatever_their_case
            an_account_is_found_by_every_handle
            a_nicename_is_its_accounts_until_it_is_gone
            of_many_with_one_nicename_each_has_its_own
            accounts_are_paged_by_number
            accounts_are_found_by_what_they_begin_with
            passwords_are_set_swapped_and_kept
            a_given_password_is_marked_until_the_next
            fields_are_kept
            two_who_register_at_once_get_different_numbers
            of_many_who_want_a_name_at_once_one_gets_it
        }
        $crate::store_contract! { @of $fresh, credentials:
            an_api_token_comes_back_as_it_was_added
            a_digest_is_added_once
            api_tokens_are_live_until_the_second_they_expire
            an_api_token_is_revoked_once
            use_of_a_token_is_noted_forwards_only
            totp_is_enrolled_replaced_and_removed
            a_totp_step_is_spent_once
            a_totp_step_before_the_last_is_never_spent
            a_recovery_code_is_spent_once
            replacing_recovery_codes_leaves_none_of_the_old
        }
        $crate::store_contract! { @of $fresh, sessions:
            a_session_comes_back_as_it_was_opened
            sessions_are_listed_until_the_second_they_expire
            of_many_who_refresh_at_once_one_advances
            only_a_live_session_of_that_generation_advances
            a_session_is_ended_once
            a_token_is_revoked_once_and_until_it_expires
        }
        $crate::store_contract! { @of $fresh, kept:
            what_is_kept_comes_back_by_the_beginning_of_its_name
            of_many_who_claim_at_once_one_does
            a_claim_holds_until_the_second_it_ends
            what_is_forgotten_is_gone
        }
        $crate::store_contract! { @of $fresh, limits:
            tries_are_counted_from_the_first
            a_count_is_forgotten_at_the_end_of_its_window
            a_refund_takes_one_try_back
            forgiving_forgets
            no_try_is_lost_when_many_come_at_once
        }
        $crate::store_contract! { @of $fresh, audit:
            entries_come_newest_first_and_whole
            pages_go_on_where_the_one_before_ended
            every_filter_filters
            entries_are_counted_by_step_action_and_outcome
            entries_are_counted_by_the_filters_that_list_them
            traffic_adds_up_by_minute_and_site
            actions_that_begin_alike_come_newest_first
            text_that_an_engine_cannot_hold_is_remembered_all_the_same
        }
        $crate::store_contract! { @of $fresh, changes:
            what_nodes_keep_in_memory_is_noted
            what_they_do_not_keep_is_not_noted
            the_feed_is_in_order_and_has_positions
            a_job_that_is_rolled_back_notes_nothing
            a_reader_of_the_feed_misses_nothing
            a_node_that_was_away_too_long_starts_anew
        }
        $crate::store_contract! { @of $fresh, console:
            power_is_given_replaced_and_taken
            a_visit_belongs_to_its_session
            a_ticket_is_taken_once_and_in_time
            a_passkey_is_kept_and_its_counter_moves_once
            self_service_is_set_per_site
            a_revocation_is_taken_back
            whoever_is_deleted_loses_power_passkeys_and_tickets
        }
        $crate::store_contract! { @of $fresh, slips:
            a_slip_comes_back_as_it_was_added
            of_many_who_show_a_slip_one_takes_it
            a_slip_is_its_owners_its_kinds_and_its_sites
            slips_are_swept_when_they_are_over
            of_many_who_use_what_may_be_used_so_often_so_many_do
            a_revocation_is_taken_back_once
            a_token_is_edited_and_removed
        }
        $crate::store_contract! { @of $fresh, errands:
            an_errand_comes_back_as_it_was_added
            an_errand_is_given_to_one
            an_errand_shares_the_fate_of_its_event
            what_is_settled_is_told_no_more
            whoever_comes_late_with_an_errand_leaves_it_to_who_has_it
            errands_that_have_ended_are_dropped_and_go_with_their_site
            errands_are_found_by_target_and_standing
            an_errand_is_hurried_unless_it_was_heard
            an_errand_that_is_being_told_is_not_hurried
        }
        $crate::store_contract! { @of $fresh, letters:
            a_letter_comes_back_as_it_was_added_and_is_gone_once_it_is_removed
            a_letter_is_given_to_one_and_put_off
            whoever_comes_late_with_a_letter_leaves_it_to_who_has_it
            a_letter_shares_the_fate_of_its_event_and_goes_with_its_site
        }
        $crate::store_contract! { @of $fresh, sweep:
            what_has_expired_is_thrown_away_and_nothing_else
            audit_is_kept_as_long_as_asked
            a_sites_own_time_for_its_audit_is_its_own
        }
    };
    (@of $fresh:ident, $subject:ident: $($case:ident)+) => {
        mod $subject {
            $(
                #[test]
                fn $case() {
                    $crate::testkit::store_contract::$subject::$case(&super::$fresh());
                }
            )+
        }
    };
}
