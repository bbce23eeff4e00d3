//! A small project that changes at random: goals, campaigns and their engagements, and objects made of lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::draw::Draw;
use super::insides;

/// The manifests.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    goals: BTreeMap<usize, Goal>,
    campaigns: BTreeMap<usize, Campaign>,
    engagements: BTreeMap<usize, Engagement>,
    /// What each audience, occasion and window declares of its lists.
    insides: BTreeMap<usize, usize>,
    count: usize,
}

#[derive(Clone, Debug)]
struct Goal {
    display: usize,
    description: usize,
}

#[derive(Clone, Debug)]
struct Campaign {
    goal: Option<usize>,
    weight: usize,
    published: bool,
    description: usize,
}

#[derive(Clone, Debug)]
struct Engagement {
    campaign: usize,
    description: usize,
    enabled: bool,
    /// What it declares of its looks.
    looks: usize,
}

impl Wanted {
    /// A few objects to begin with.
    pub(super) fn new(draw: &mut Draw) -> Self {
        let mut wanted = Self::default();
        for _ in 0..6 + draw.below(6) {
            wanted.add(draw);
        }
        wanted
    }

    /// One change, as a person makes it in the files.
    pub(super) fn edit(&mut self, draw: &mut Draw) {
        match draw.below(11) {
            0 | 1 => self.add(draw),
            2 => self.remove(draw),
            3 => self.move_engagement(draw),
            4 => self.toggle(draw),
            5..=7 => self.reshape(draw),
            _ => self.reword(draw),
        }
    }

    fn fresh(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn add(&mut self, draw: &mut Draw) {
        let number = self.fresh();
        let campaigns: Vec<usize> = self.campaigns.keys().copied().collect();
        let goals: Vec<usize> = self.goals.keys().copied().collect();
        match draw.below(6) {
            4 | 5 => drop(self.insides.insert(number, draw.below(16))),
            0 => {
                let goal = Goal {
                    display: number,
                    description: number,
                };
                self.goals.insert(number, goal);
            }
            1 => {
                let campaign = Campaign {
                    goal: draw.of(&goals).copied(),
                    weight: draw.below(3),
                    published: draw.one_in(2),
                    description: number,
                };
                self.campaigns.insert(number, campaign);
            }
            _ => {
                if let Some(campaign) = draw.of(&campaigns) {
                    let engagement = Engagement {
                        campaign: *campaign,
                        description: number,
                        enabled: draw.one_in(2),
                        looks: draw.below(16),
                    };
                    self.engagements.insert(number, engagement);
                }
            }
        }
    }

    fn remove(&mut self, draw: &mut Draw) {
        match draw.below(4) {
            3 => {
                let insides: Vec<usize> = self.insides.keys().copied().collect();
                if let Some(of) = draw.of(&insides) {
                    self.insides.remove(of);
                }
            }
            0 => {
                let goals: Vec<usize> = self.goals.keys().copied().collect();
                if let Some(goal) = draw.of(&goals) {
                    self.goals.remove(goal);
                    for campaign in self.campaigns.values_mut() {
                        campaign.goal = campaign.goal.filter(|of| of != goal);
                    }
                }
            }
            1 => {
                let campaigns: Vec<usize> = self.campaigns.keys().copied().collect();
                if let Some(campaign) = draw.of(&campaigns) {
                    self.campaigns.remove(campaign);
                    self.engagements
                        .retain(|_, inside| inside.campaign != *campaign);
                }
            }
            _ => {
                let engagements: Vec<usize> = self.engagements.keys().copied().collect();
                if let Some(engagement) = draw.of(&engagements) {
                    self.engagements.remove(engagement);
                }
            }
        }
    }

    /// Declares another part of what is inside a list.
    fn reshape(&mut self, draw: &mut Draw) {
        let insides: Vec<usize> = self.insides.keys().copied().collect();
        let engagements: Vec<usize> = self.engagements.keys().copied().collect();
        let shape = draw.below(16);
        if draw.one_in(2)
            && let Some(of) = draw.of(&insides)
        {
            self.insides.insert(*of, shape);
        } else if let Some(of) = draw.of(&engagements)
            && let Some(engagement) = self.engagements.get_mut(of)
        {
            engagement.looks = shape;
        }
    }

    fn move_engagement(&mut self, draw: &mut Draw) {
        let campaigns: Vec<usize> = self.campaigns.keys().copied().collect();
        let engagements: Vec<usize> = self.engagements.keys().copied().collect();
        if let (Some(to), Some(which)) = (draw.of(&campaigns), draw.of(&engagements))
            && let Some(engagement) = self.engagements.get_mut(which)
        {
            engagement.campaign = *to;
        }
    }

    fn toggle(&mut self, draw: &mut Draw) {
        let campaigns: Vec<usize> = self.campaigns.keys().copied().collect();
        if let Some(campaign) = draw
            .of(&campaigns)
            .and_then(|of| self.campaigns.get_mut(of))
        {
            campaign.published = !campaign.published;
        }
    }

    fn reword(&mut self, draw: &mut Draw) {
        let number = self.fresh();
        let goals: Vec<usize> = self.goals.keys().copied().collect();
        let campaigns: Vec<usize> = self.campaigns.keys().copied().collect();
        let engagements: Vec<usize> = self.engagements.keys().copied().collect();
        match draw.below(5) {
            0 => {
                if let Some(goal) = draw.of(&goals).and_then(|of| self.goals.get_mut(of)) {
                    goal.display = number;
                }
            }
            1 => {
                if let Some(goal) = draw.of(&goals).and_then(|of| self.goals.get_mut(of)) {
                    goal.description = number;
                }
            }
            2 => {
                let of = draw.of(&engagements);
                if let Some(engagement) = of.and_then(|of| self.engagements.get_mut(of)) {
                    engagement.description = number;
                    engagement.enabled = !engagement.enabled;
                }
            }
            _ => {
                let goal = draw.of(&goals).copied();
                let of = draw.of(&campaigns);
                if let Some(campaign) = of.and_then(|of| self.campaigns.get_mut(of)) {
                    campaign.goal = goal;
                    campaign.weight = number % 3;
                    campaign.description = number;
                }
            }
        }
    }

    /// How many campaigns, and their display names.
    pub(super) fn campaigns(&self) -> Vec<String> {
        self.campaigns
            .keys()
            .map(|number| format!("Campaign {number}"))
            .collect()
    }

    /// The manifests as files hold them.
    pub(super) fn manifests(&self) -> String {
        const HEAD: &str = "---\napiVersion: campaignctl.dev/v1\n";
        // There is always something, because manifests that are all gone are an error.
        let mut text = format!(
            "{HEAD}kind: Goal\nmetadata: {{ name: always }}\nspec: {{ displayName: Always, type: purchase }}\n"
        );
        for (number, goal) in &self.goals {
            let Goal {
                display,
                description,
            } = goal;
            let _ = write!(
                text,
                "{HEAD}kind: Goal\nmetadata: {{ name: goal-{number} }}\nspec: {{ displayName: Goal {display}, description: about {description}, indicator: {{ url: /thanks-{number} }} }}\n"
            );
        }
        for (number, campaign) in &self.campaigns {
            let goal = campaign.goal.map_or_else(
                || "{ system: true }".to_owned(),
                |goal| format!("goal-{goal}"),
            );
            let mut inside = self.engagements.values();
            let has_content = inside.any(|engagement| engagement.campaign == *number);
            let state = if campaign.published && has_content {
                "published"
            } else {
                "unpublished"
            };
            let weight = ["low", "medium", "high"][campaign.weight];
            let _ = write!(
                text,
                "{HEAD}kind: Campaign\nmetadata: {{ name: campaign-{number} }}\nspec:\n  displayName: Campaign {number}\n  description: about {}\n  goal: {goal}\n  targetAudiences: [{{ system: true }}]\n  schedule: {{ timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }}\n  weight: {weight}\n  state: {state}\n",
                campaign.description
            );
        }
        for (number, engagement) in &self.engagements {
            let Engagement {
                campaign,
                description,
                enabled,
                looks,
            } = engagement;
            let looks = insides::looks(*looks, *enabled);
            let _ = write!(
                text,
                "{HEAD}kind: Engagement\nmetadata: {{ name: engagement-{number} }}\nspec:\n  campaign: campaign-{campaign}\n  type: stickyButton\n  language: en-US\n  description: about {description}\n  entryPoints: [{{ system: true }}]\n  behaviors: [{{ system: true }}]\n  window: {{ system: true }}\n{looks}"
            );
        }
        for (number, shape) in &self.insides {
            text.push_str(&insides::manifest(*number, *shape));
        }
        text
    }
}
