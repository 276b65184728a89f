//! Scopes: what a credential may be used for.

/// What a credential may be used for. An empty set means nothing, never everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// Everything its account may do.
    All,
    /// Only these.
    Only(Vec<String>),
}

impl Scopes {
    /// True if the scope is covered.
    #[must_use]
    pub fn covers(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.iter().any(|s| s == scope),
        }
    }

    /// True if every scope of `child` is covered.
    #[must_use]
    pub fn contains(&self, child: &Self) -> bool {
        match (self, child) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(_), Self::Only(wanted)) => wanted.iter().all(|s| self.covers(s)),
        }
    }

    /// Space-separated, `*` for all: the stored and the wire form.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::All => "*".into(),
            Self::Only(list) => list.join(" "),
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let list: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if list.iter().any(|s| s == "*") { Self::All } else { Self::Only(list) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scopes() -> impl Strategy<Value = Scopes> {
        let word = prop::sample::select(vec!["read", "write", "readwrite", "rea", "*read", "admin"]);
        prop_oneof![
            1 => Just(Scopes::All),
            6 => prop::collection::vec(word.prop_map(str::to_owned), 0..4).prop_map(Scopes::Only),
        ]
    }

    proptest! {
        #[test]
        fn an_empty_set_is_nothing_and_a_child_never_more_than_its_parent(parent in scopes(), child in scopes(), scope in "[a-z*]{0,5}|read|write") {
            let nothing = Scopes::Only(Vec::new());
            prop_assert!(!nothing.covers(&scope) && !Scopes::parse("").covers(&scope) && !Scopes::parse(" \t").covers(&scope));
            prop_assert_eq!(nothing.contains(&child), child == nothing);
            prop_assert!(parent.contains(&nothing) && Scopes::All.contains(&child));
            if parent.contains(&child) && child.covers(&scope) {
                prop_assert!(parent.covers(&scope), "{parent:?} gave {child:?} {scope}");
            }
            prop_assert_eq!(Scopes::parse(&parent.text()), parent);
        }
    }
}
