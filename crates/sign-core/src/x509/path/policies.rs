//! Certificate policies along a path (RFC 5280 6.1.3 d to f, 6.1.4 a, b, h to j, 6.1.5 a, b, g).
//!
//! RFC 5280's tree grows exponentially with crafted mappings. RFC 9618 shows that its nodes of equal
//! depth and policy can be one; then each depth has at most as many nodes as certificates name
//! policies. Of the depths above only one thing is ever asked again: through which policies of the
//! anchor's own domain a node is reached. So each node carries those, and only the newest depth is kept.

use super::{PathInputs, PathPolicies, ProblemKind};
use crate::x509::certificate::Certificate;
use std::collections::{BTreeMap, BTreeSet};

/// anyPolicy (RFC 5280 4.2.1.4).
const ANY: &str = "2.5.29.32.0";

struct Node {
    /// expected_policy_set: what the next certificate may call this policy.
    expected: BTreeSet<String>,
    /// The anchor domain's policies that lead here.
    origins: BTreeSet<String>,
}

impl Node {
    fn new(policy: &str, origins: BTreeSet<String>) -> Self {
        Self { expected: one(policy), origins }
    }
}

/// The state variables of RFC 5280 6.1.2 that are about policies.
pub(super) struct PolicyState {
    /// valid_policy_graph, newest depth only; empty: NULL.
    nodes: BTreeMap<String, Node>,
    explicit: usize,
    mapping: usize,
    any: usize,
    /// Told once: below the certificate where the last policy is lost, there is none either.
    told: bool,
}

impl PolicyState {
    /// For a path of so many certificates below the anchor.
    pub(super) fn new(inputs: &PathInputs<'_>, length: usize) -> Self {
        let after = |at_once: bool| if at_once { 0 } else { length + 1 };
        Self {
            nodes: BTreeMap::from([(ANY.to_owned(), Node::new(ANY, one(ANY)))]),
            explicit: after(inputs.require_explicit_policy),
            mapping: after(inputs.inhibit_policy_mapping),
            any: after(inputs.inhibit_any_policy),
            told: false,
        }
    }

    /// 6.1.3 d to f.
    pub(super) fn process(
        &mut self,
        certificate: &Certificate,
        is_last: bool,
        tell: &mut impl FnMut(ProblemKind),
    ) {
        let any_counts = self.any > 0 || (!is_last && certificate.is_self_issued());
        self.nodes = match certificate.policy_set() {
            Some(policies) => self.next_depth(policies, any_counts),
            None => BTreeMap::new(),
        };
        if self.explicit == 0 && self.nodes.is_empty() {
            self.tell_none(tell);
        }
    }

    fn next_depth(&self, policies: &[String], any_counts: bool) -> BTreeMap<String, Node> {
        let mut expected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for node in self.nodes.values() {
            for policy in &node.expected {
                expected.entry(policy).or_default().extend(node.origins.iter().cloned());
            }
        }
        let mut next = BTreeMap::new();
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            match expected.get(policy.as_str()) {
                Some(origins) => next.insert(policy.clone(), Node::new(policy, origins.clone())),
                None if self.nodes.contains_key(ANY) => {
                    next.insert(policy.clone(), Node::new(policy, one(policy)))
                }
                None => None,
            };
        }
        if any_counts && policies.iter().any(|policy| policy == ANY) {
            for (policy, origins) in expected {
                next.entry(policy.to_owned()).or_insert_with(|| Node::new(policy, origins));
            }
        }
        next
    }

    /// 6.1.4 a, b, h to j: for what follows below this authority.
    pub(super) fn prepare_next(&mut self, authority: &Certificate, tell: &mut impl FnMut(ProblemKind)) {
        let mut mappings: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in authority.policy_mappings() {
            if from == ANY || to == ANY {
                return tell(ProblemKind::AnyPolicyMapped);
            }
            mappings.entry(from).or_default().insert(to.clone());
        }
        for (from, to) in mappings {
            self.map(from, to);
        }
        if !authority.is_self_issued() {
            for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *counter = counter.saturating_sub(1);
            }
        }
        let constraints = authority.policy_constraints();
        lower(&mut self.explicit, constraints.require_explicit);
        lower(&mut self.mapping, constraints.inhibit_mapping);
        lower(&mut self.any, authority.inhibit_any_policy());
    }

    fn map(&mut self, from: &str, to: BTreeSet<String>) {
        if self.mapping == 0 {
            self.nodes.remove(from);
        } else if let Some(node) = self.nodes.get_mut(from) {
            node.expected = to;
        } else if self.nodes.contains_key(ANY) {
            self.nodes.insert(from.to_owned(), Node { expected: to, origins: one(from) });
        }
    }

    /// 6.1.5 a, b and g: the policies of the path.
    pub(super) fn finish(
        mut self,
        last: &Certificate,
        inputs: &PathInputs<'_>,
        tell: &mut impl FnMut(ProblemKind),
    ) -> PathPolicies {
        let explicit = self.explicit <= 1 || last.policy_constraints().require_explicit == Some(0);
        let nodes = std::mem::take(&mut self.nodes);
        let authority: BTreeSet<String> = nodes.into_values().flat_map(|node| node.origins).collect();
        let any_will_do = inputs.policies.is_empty() || inputs.policies.iter().any(|policy| policy == ANY);
        let any = authority.contains(ANY);
        let asked_for = inputs.policies.iter().filter(|policy| any || authority.contains(*policy));
        let user = if any_will_do { authority.clone() } else { asked_for.cloned().collect() };
        if explicit && user.is_empty() {
            self.tell_none(tell);
        }
        PathPolicies {
            authority: authority.into_iter().collect(),
            user: user.into_iter().collect(),
            explicit,
        }
    }

    fn tell_none(&mut self, tell: &mut impl FnMut(ProblemKind)) {
        if !std::mem::replace(&mut self.told, true) {
            tell(ProblemKind::NoValidPolicy);
        }
    }
}

fn one(policy: &str) -> BTreeSet<String> {
    BTreeSet::from([policy.to_owned()])
}

fn lower(counter: &mut usize, to: Option<u32>) {
    if let Some(to) = to {
        *counter = (*counter).min(usize::try_from(to).unwrap_or(usize::MAX));
    }
}
